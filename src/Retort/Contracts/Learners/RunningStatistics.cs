namespace Retort.Contracts.Learners;

/// <summary>Mean and standard deviation of all numbers so far, column by column.</summary>
sealed class RunningStatistics(int width, double leastVariance) : IDisposable
{
    // count, then mean and sum of squared deviations of each column (Welford 1962)
    readonly HostNumbers _sums = new(1 + 2 * width);

    /// <summary>The tensor of a checkpoint.</summary>
    public Tensor State => _sums.Tensor;

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        var sums = _sums.Values;
        var count = ++sums[0];
        for (var i = 0; i < width; i++)
        {
            var before = row[i] - sums[1 + i];
            sums[1 + i] += before / count;
            sums[1 + width + i] += before * (row[i] - sums[1 + i]);
        }
    }

    /// <summary>The means.</summary>
    public double[] Mean() => _sums.Values.Slice(1, width).ToArray();

    /// <summary>The standard deviations, over the count; 1 before the first row.</summary>
    public double[] Deviation()
    {
        var sums = _sums.Values;
        var found = new double[width];
        for (var i = 0; i < width; i++)
            found[i] = sums[0] == 0 ? 1 : Math.Sqrt(Math.Max(sums[1 + width + i] / sums[0], leastVariance));
        return found;
    }

    public void Dispose() => _sums.Dispose();
}
