using Retort.Runs;
using static System.FormattableString;

namespace Retort.Report;

/// <summary>Where a ranking must not be taken at its word.</summary>
static class RankingWarnings
{
    /// <summary>How far α is moved to see whether the order holds.</summary>
    const double Shift = 0.2;

    public static IEnumerable<string> Of(double alpha, IReadOnlyList<RankedStudent> students) =>
        [.. Edge(students), .. Unsteady(alpha, students), .. Worthless(students)];

    // over sizes the score falls and rises again: a lowest one at the end may not be the lowest there is
    static IEnumerable<string> Edge(IReadOnlyList<RankedStudent> students)
    {
        var (least, most, best) = (students.Min(one => one.Size), students.Max(one => one.Size), students[0]);
        if (students.Count < 2) yield break;
        if (least == most) yield return "All students have one size: whether a smaller or a larger one would score lower cannot be seen.";
        else if (best.Size == least) yield return $"The lowest score is at the smallest size tried ({best.Run}): a smaller student may score lower still.";
        else if (best.Size == most) yield return $"The lowest score is at the largest size tried ({best.Run}): a larger student may score lower still.";
    }

    static IEnumerable<string> Unsteady(double alpha, IReadOnlyList<RankedStudent> students)
    {
        foreach (var other in new[] { Math.Max(alpha - Shift, 0), Math.Min(alpha + Shift, 1) }.Where(other => other != alpha))
        {
            var order = Ranking.Order(students, other);
            if (!order.SequenceEqual(Enumerable.Range(0, students.Count)))
                yield return Invariant($"At α = {other:0.##} the order is another one: {string.Join(", ", order.Select(i => students[i].Run))}.");
        }
    }

    static IEnumerable<string> Worthless(IReadOnlyList<RankedStudent> students) =>
        from one in students
        where one.ControlAccuracy is { } control && one.Accuracy.Mean < control.Mean
        select $"{one.Run} is behind its own control ({NumberFormat.Percent(one.Accuracy.Mean)} against {NumberFormat.Percent(one.ControlAccuracy!.Mean)} %): the same network does better without the method.";
}
