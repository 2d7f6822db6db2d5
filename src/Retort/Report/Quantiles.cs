using MathNet.Numerics.Statistics;

namespace Retort.Report;

static class Quantiles
{
    /// <summary>
    /// Linear between order statistics (definition 7 of Hyndman and Fan, 1996), as R and NumPy do by default.
    /// </summary>
    public static double Of(IReadOnlyList<double> values, double share) =>
        Statistics.QuantileCustom(values, share, QuantileDefinition.R7);
}
