using MathNet.Numerics.Distributions;
using Numbers = MathNet.Numerics.Statistics.Statistics;

namespace Retort.Contracts;

/// <summary>A mean with its confidence interval.</summary>
/// <param name="Mean">The mean of the differences.</param>
/// <param name="Low">The lower end of the two-sided 95 % Student-t interval; null for one value.</param>
/// <param name="High">The upper end; null for one value.</param>
public sealed record Interval(double Mean, double? Low, double? High)
{
    /// <summary>
    /// mean ± t(0.975, n - 1) · sd / √n. Values that are all equal give an interval without width.
    /// </summary>
    public static Interval Of(IReadOnlyList<double> values) => Of(values, candidates: 1);

    /// <summary>
    /// The same for the best of k candidates that was chosen by these very values: t(1 - 0.025 / k, n - 1), so that all
    /// k intervals together hold with 95 % (Bonferroni).
    /// </summary>
    internal static Interval Of(IReadOnlyList<double> values, int candidates)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(candidates);
        if (values.All(value => value == values[0]))
            return values.Count == 1 ? new(values[0], null, null) : new(values[0], values[0], values[0]);

        var quantile = StudentT.InvCDF(0, 1, values.Count - 1, 1 - 0.025 / candidates);
        var half = quantile * Numbers.StandardDeviation(values) / Math.Sqrt(values.Count);
        var mean = Numbers.Mean(values);
        return new(mean, mean - half, mean + half);
    }
}
