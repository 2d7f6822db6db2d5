using Numbers = MathNet.Numerics.Statistics.Statistics;

namespace Retort.Contracts;

/// <summary>A score or another number over seeds.</summary>
/// <param name="Mean">The mean of the values.</param>
/// <param name="Sd">Their standard deviation, divided by n - 1; null for one value.</param>
/// <param name="Values">One a seed, in the order of the seeds.</param>
public sealed record SeedStatistics(double Mean, double? Sd, IReadOnlyList<double> Values)
{
    /// <summary>Of at least one value.</summary>
    public static SeedStatistics Of(IReadOnlyList<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count);
        return new(Numbers.Mean(values), values.Count > 1 ? Numbers.StandardDeviation(values) : null, values);
    }
}
