namespace Retort.Runtime.Metrics;

/// <summary>
/// Area under the precision-recall curve: Σ (R_n − R_{n−1}) P_n over falling scores, equal scores together.
/// </summary>
public static class AveragePrecision
{
    /// <summary>Of scores against labels of 0 and 1; NaN labels are left out. 0 without a positive label.</summary>
    /// <exception cref="ArgumentException">A score is NaN, which has no rank.</exception>
    public static double Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        var known = new List<(float Score, bool Positive)>(scores.Length);
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(labels[i])) continue;
            if (float.IsNaN(scores[i])) throw new ArgumentException(
                Invariant($"Scores must be numbers; score {i} is NaN."));

            known.Add((scores[i], labels[i] > 0.5f));
        }
        known.Sort((one, other) => other.Score.CompareTo(one.Score));
        var positives = known.Count(one => one.Positive);
        if (positives == 0) return 0;

        var (area, right) = (0.0, 0);
        for (var at = 0; at < known.Count;)
        {
            var end = at;
            var more = 0;
            for (; end < known.Count && known[end].Score == known[at].Score; end++) more += known[end].Positive ? 1 : 0;
            right += more;
            area += (double)more / positives * right / end;
            at = end;
        }
        return area;
    }

    /// <summary>The mean over labels that have a positive example, and of all decisions together.</summary>
    /// <param name="scores">[N, C]</param>
    /// <param name="labels">0, 1 or NaN. [N, C]</param>
    /// <param name="width">C.</param>
    public static (double Macro, double Micro) MacroAndMicro(float[] scores, float[] labels, int width)
    {
        var columns = Enumerable.Range(0, width)
            .Where(column => Column(labels, width, column).Any(label => label > 0.5f));
        var macro = columns.Select(column => Of(Column(scores, width, column), Column(labels, width, column)))
            .DefaultIfEmpty(0).Average();
        return (macro, Of(scores, labels));
    }

    static float[] Column(float[] values, int width, int column) =>
        [.. Enumerable.Range(0, values.Length / width).Select(row => values[row * width + column])];
}
