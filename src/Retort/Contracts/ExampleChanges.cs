namespace Retort.Contracts;

/// <summary>
/// How many test examples only one of two networks predicts correctly, counted over all pairs of such networks.
/// </summary>
/// <param name="Gained">Only the first network is right, summed over the pairs.</param>
/// <param name="Lost">Only the second network is right, summed over the pairs.</param>
/// <param name="Pairs">How many pairs there are.</param>
/// <param name="Count">Test examples of each pair.</param>
sealed record ExampleChanges(int Gained, int Lost, int Pairs, int Count)
{
    const double Quantile = 1.96;                                          // of the normal distribution, 95 %
    const double SmallestShown = 0.0005;                                   // 0.05 points

    /// <summary>The difference in accuracy, mean over the pairs.</summary>
    public double Difference => (double)(Gained - Lost) / Pairs / Count;

    /// <summary>How far other test examples alone move that difference: McNemar's standard error · 1.96.</summary>
    public double Margin => Quantile * Math.Sqrt((double)(Gained + Lost) / Pairs) / Count;

    /// <summary>
    /// Whether other test examples alone could have made the difference, and it is more than 0.0 points once rounded: a
    /// larger test split would hardly ever decide about less, since the examples that it needs grow with 1 / d².
    /// </summary>
    public bool IsWithinMargin => Math.Abs(Difference) is >= SmallestShown and var size && size <= Margin;
}
