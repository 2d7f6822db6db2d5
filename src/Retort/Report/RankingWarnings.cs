namespace Retort.Report;

/// <summary>What makes the order of a ranking doubtful.</summary>
static class RankingWarnings
{
    /// <summary>How far α is moved to see whether the order holds.</summary>
    const double Shift = 0.2;

    public static IEnumerable<string> Of(double alpha, Score primary, IReadOnlyList<RankedStudent> students) =>
    [
        .. EndOfSizes(students), .. OtherOrders(alpha, students), .. Undecided(students),
        .. BehindControls(primary, students),
    ];

    // over sizes the score falls and rises again: the lowest score at an end may not be the lowest there is
    static IEnumerable<string> EndOfSizes(IReadOnlyList<RankedStudent> students)
    {
        var (smallest, largest, best) = (students.Min(one => one.Size), students.Max(one => one.Size), students[0]);
        if (students.Count < 2) yield break;

        if (smallest == largest)
            yield return "All students have one size: whether a smaller or a larger one would score lower cannot be "
                + "seen.";
        else if (best.Size == smallest)
            yield return $"The lowest score is at the smallest size tried ({best.Run}): a smaller student may score "
                + "lower still.";
        else if (best.Size == largest)
            yield return $"The lowest score is at the largest size tried ({best.Run}): a larger student may score "
                + "lower still.";
    }

    static IEnumerable<string> OtherOrders(double alpha, IReadOnlyList<RankedStudent> students)
    {
        foreach (var other in new[] { Math.Max(alpha - Shift, 0), Math.Min(alpha + Shift, 1) })
        {
            if (other == alpha) continue;

            var order = Ranking.Order(students, other);
            if (order.SequenceEqual(Enumerable.Range(0, students.Count))) continue;

            var names = string.Join(", ", order.Select(i => students[i].Run));
            yield return Invariant($"At α = {other:0.##} the order is another one: {names}.");
        }
    }

    // neighbours with the same seeds, by the 95 % interval of the paired differences of their scores
    static IEnumerable<string> Undecided(IReadOnlyList<RankedStudent> students)
    {
        foreach (var (one, next) in students.Zip(students.Skip(1)))
        {
            if (one.Seeds.Count < Verdict.MinPairs || !one.Seeds.Order().SequenceEqual(next.Seeds.Order())) continue;

            var its = next.Seeds.Zip(next.Score.Values).ToDictionary(pair => pair.First, pair => pair.Second);
            var difference = Interval.Of([.. one.Seeds.Zip(one.Score.Values, (seed, score) => its[seed] - score)]);
            if (difference is not { Low: { } low and <= 0, High: { } high }) continue;

            yield return Invariant($"{one.Run} before {next.Run} is undecided: over the {one.Seeds.Count} seeds that ")
                + $"they share, the difference of their scores is {NumberFormat.Signed(difference.Mean, 4)}, and its "
                + $"95 % interval, {NumberFormat.Signed(low, 4)} to {NumberFormat.Signed(high, 4)}, covers 0.";
        }
    }

    static IEnumerable<string> BehindControls(Score primary, IReadOnlyList<RankedStudent> students) =>
        from one in students
        where one.ControlPrimary is { } control && one.Primary.Mean < control.Mean
        select $"{one.Run} is behind its own control ({primary.Format(one.Primary.Mean)} against "
            + $"{primary.Format(one.ControlPrimary!.Mean)} %): its run does not show that the method helps.";
}
