namespace Retort.Benchmarks;

/// <summary>Images of noise, 3 × 32 × 32, in 100 classes.</summary>
sealed class NoiseSplit : IDataSplit
{
    const int ImageLength = 3 * 32 * 32;
    readonly float[] _pixels;

    public NoiseSplit(int count)
    {
        Count = count;
        _pixels = new float[count * ImageLength];
        var random = new RandomStream(1, StreamKey.Data);
        foreach (ref var value in _pixels.AsSpan()) value = (float)random.Normal();
    }

    public int Count { get; }
    public int? Views => 1;

    public DatasetInfo Info { get; } = new()
    {
        Classes = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
        Inputs = [TensorSpec.Float32("pixel_values", 3, 32, 32)],
    };

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var pixels = into.Float32("pixel_values", [3, 32, 32]);
        for (var i = 0; i < positions.Length; i++)
        {
            _pixels.AsSpan(positions[i] * ImageLength, ImageLength).CopyTo(pixels[(i * ImageLength)..]);
            into.Labels[i] = positions[i] % 100;
            into.Ids[i] = positions[i];
        }
    }
}
