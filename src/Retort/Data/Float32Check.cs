namespace Retort.Data;

/// <summary>
/// Finds columns whose values float32 cannot tell apart, such as Unix times: float32 has steps of 128 there.
/// </summary>
/// <param name="columns">The number of columns.</param>
sealed class Float32Check(int columns)
{
    // a rounding error below this share of the standard deviation changes no result that a person would notice
    const double Harmless = 1e-3;

    readonly double[] _mean = new double[columns];
    readonly double[] _squares = new double[columns];    // sums of squared differences from the mean (Welford)
    readonly long[] _count = new long[columns];
    readonly double[] _error = new double[columns];      // the largest rounding error

    /// <summary>Adds a value of a column and the float32 that is stored for it.</summary>
    public void Add(int column, double exact, float stored)
    {
        var difference = exact - _mean[column];
        _mean[column] += difference / ++_count[column];
        _squares[column] += difference * (exact - _mean[column]);
        _error[column] = Math.Max(_error[column], Math.Abs(exact - stored));
    }

    /// <summary>The columns whose rounding errors are not small beside their standard deviation.</summary>
    public IEnumerable<int> Suspects() => Enumerable.Range(0, columns).Where(column =>
        _squares[column] > 0 && _error[column] > Harmless * Math.Sqrt(_squares[column] / _count[column]));

    /// <summary>Two different values that are one float32; null where there are none.</summary>
    public static (double First, double Second)? Collision(IEnumerable<double> values)
    {
        var seen = new Dictionary<float, double>();
        foreach (var value in values)
            if (!seen.TryAdd((float)value, value) && seen[(float)value] is var first && first != value)
                return (first, value);
        return null;
    }

    /// <summary>The error about a column with a collision.</summary>
    /// <param name="place">The file and the column.</param>
    /// <param name="pair">The two values.</param>
    public static InvalidDataException Error(string place, (double First, double Second) pair) => new(Invariant(
        $"{place}: {pair.First:R} and {pair.Second:R} are the same number in float32, in which networks compute; ")
        + Invariant($"subtract {pair.First:R}, say, from the whole column, or scale its values."));
}
