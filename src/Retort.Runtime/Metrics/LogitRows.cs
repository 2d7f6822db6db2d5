namespace Retort.Runtime.Metrics;

/// <summary>What one row of logits says; in double precision, so that sums over a whole test set keep their digits.</summary>
public static class LogitRows
{
    /// <summary>The place of the largest number, the first of equals. [C]</summary>
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
        return (double)row[j] - row[top] - LogOfOthers(row, top);
    }

    /// <summary>ln softmax(row), in nats. [C] → [C]</summary>
    public static void LogProbabilities(ReadOnlySpan<float> row, Span<double> into) => LogProbabilities(row, 1, into);

    /// <summary>ln softmax(row / T), in nats. [C] → [C]</summary>
    public static void LogProbabilities(ReadOnlySpan<float> row, double temperature, Span<double> into)
    {
        var top = ArgMax(row);
        var others = LogOfOthers(row, top, temperature);
        for (var j = 0; j < row.Length; j++) into[j] = ((double)row[j] - row[top]) / temperature - others;
    }

    /// <summary>The probability of the largest: how sure the row is. [C]</summary>
    public static double Confidence(ReadOnlySpan<float> row) => Math.Exp(-LogOfOthers(row, ArgMax(row)));

    /// <summary>C of logits that are to have this many rows; throws where they do not, or hold what is not a number.</summary>
    internal static int Classes(ReadOnlySpan<float> logits, int rows)
    {
        if (rows == 0 || logits.Length == 0 || logits.Length % rows != 0)
            throw new ArgumentException(FormattableString.Invariant(
                $"{logits.Length} logits do not make {rows} rows of classes; at least one row of at least one class is needed."));
        var classes = logits.Length / rows;
        for (var i = 0; i < logits.Length; i++)
            if (!float.IsFinite(logits[i]))
                throw new ArgumentException(FormattableString.Invariant(
                    $"Logits must be finite; row {i / classes} has {logits[i]} for class {i % classes}."));
        return classes;
    }

    internal static int Label(long label, int row, int classes) => label >= 0 && label < classes ? (int)label
        : throw new ArgumentException(FormattableString.Invariant(
            $"Labels must be from 0 to {classes - 1}; row {row} has {label}."));

    // ln(Σ exp(z - z_top)) = ln(1 + Σ over the others), without losing what is far below 1
    static double LogOfOthers(ReadOnlySpan<float> row, int top, double temperature = 1)
    {
        var others = 0.0;
        for (var j = 0; j < row.Length; j++)
            if (j != top) others += Math.Exp(((double)row[j] - row[top]) / temperature);
        var whole = 1 + others;
        return whole == 1 ? others : Math.Log(whole) * (others / (whole - 1));   // the rounding of 1 + x cancels
    }
}
