namespace Retort.Runtime.Metrics;

/// <summary>
/// Functions of one row of logits, in double precision, so that sums over a whole test set keep their digits.
/// </summary>
public static class LogitRows
{
    /// <summary>Index of the largest value, the first of equal ones. [C]</summary>
    public static int ArgMax(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var j = 1; j < row.Length; j++)
            if (row[j] > row[best]) best = j;
        return best;
    }

    /// <summary>ln softmax(row)[j], in nats. [C]</summary>
    public static double LogProbability(ReadOnlySpan<float> row, int j)
    {
        var top = ArgMax(row);
        return (double)row[j] - row[top] - LogSumOverTop(row, top);
    }

    /// <summary>ln softmax(row), in nats. [C] → [C]</summary>
    public static void LogProbabilities(ReadOnlySpan<float> row, Span<double> into) => LogProbabilities(row, 1, into);

    /// <summary>ln softmax(row / T), in nats. [C] → [C]</summary>
    public static void LogProbabilities(ReadOnlySpan<float> row, double temperature, Span<double> into)
    {
        var top = ArgMax(row);
        var logSum = LogSumOverTop(row, top, temperature);
        for (var j = 0; j < row.Length; j++) into[j] = ((double)row[j] - row[top]) / temperature - logSum;
    }

    /// <summary>The confidence: the largest probability of softmax(row). [C]</summary>
    public static double Confidence(ReadOnlySpan<float> row) => Math.Exp(-LogSumOverTop(row, ArgMax(row)));

    /// <summary>C, the number of classes of logits with this many rows.</summary>
    /// <exception cref="ArgumentException">The logits do not make that many rows, or one is not finite.</exception>
    internal static int CheckClasses(ReadOnlySpan<float> logits, int rows)
    {
        if (rows == 0 || logits.Length == 0 || logits.Length % rows != 0)
            throw new ArgumentException(
                Invariant($"{logits.Length} logits do not make {rows} rows of classes; ")
                + "at least one row of at least one class is needed.");

        var classes = logits.Length / rows;
        for (var i = 0; i < logits.Length; i++)
            if (!float.IsFinite(logits[i]))
                throw new ArgumentException(
                    Invariant($"Logits must be finite; row {i / classes} has {logits[i]} for class {i % classes}."));
        return classes;
    }

    /// <summary>The label as an index.</summary>
    /// <exception cref="ArgumentException">The label is no class.</exception>
    internal static int CheckLabel(long label, int row, int classes)
    {
        if (label < 0 || label >= classes)
            throw new ArgumentException(
                Invariant($"Labels must be from 0 to {classes - 1}; row {row} has {label}."));
        return (int)label;
    }

    // ln Σ exp((z - z_top) / T) = ln(1 + Σ over the others), exact also where the others are far below 1
    static double LogSumOverTop(ReadOnlySpan<float> row, int top, double temperature = 1)
    {
        var others = 0.0;
        for (var j = 0; j < row.Length; j++)
            if (j != top) others += Math.Exp(((double)row[j] - row[top]) / temperature);
        var sum = 1 + others;
        return sum == 1 ? others : Math.Log(sum) * (others / (sum - 1));    // the rounding of 1 + x cancels
    }
}
