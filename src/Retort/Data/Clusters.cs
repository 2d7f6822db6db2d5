using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="Clusters"/>.</summary>
public sealed record ClustersOptions : DataOptions, IValidated
{
    /// <summary>Examples of the training split.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 3000;

    /// <summary>Examples of the validation split.</summary>
    [AtLeast(1)] public int ValidationExamples { get; init; } = 1500;

    /// <summary>Examples of the test split.</summary>
    [AtLeast(1)] public int TestExamples { get; init; } = 4000;

    /// <summary>How many clusters.</summary>
    [AtLeast(1)] public int Count { get; init; } = 24;

    /// <summary>How many classes: cluster g is of class g mod this.</summary>
    [AtLeast(1)] public int Classes { get; init; } = 3;

    /// <summary>D: the number of features.</summary>
    [AtLeast(1)] public int Width { get; init; } = 20;

    /// <summary>
    /// The clusters' centers, one after another: <see cref="Width"/> numbers for each. Unset: they are drawn.
    /// </summary>
    public IReadOnlyList<double>? Centers { get; init; }

    /// <summary>The standard deviation of an example from its cluster's center; that of drawn centers is 1.</summary>
    [NotNegative] public double Noise { get; init; } = 1.15;

    /// <summary>The seed of centers and examples.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Refuses another number of centers than of clusters.</summary>
    public OptionError? Validate() => Centers is null || Centers.Count == Count * Width ? null
        : new(nameof(Centers), Invariant(
            $"must have {Width} numbers for each of {Count} clusters, {Count * Width}; it has {Centers.Count}."));

    public override Dataset Open()
    {
        OptionRules.Check(this);
        int[] counts = [Examples, ValidationExamples, TestExamples];
        var splits = counts.Select((count, part) => new Clusters(this, part, count)).ToList();
        return new()
        {
            Name = "clusters",
            Hash = Clusters.Hash(splits),
            Training = splits[0],
            Validation = splits[1],
            Test = splits[2],
        };
    }
}

/// <summary>
/// Computed rows for tests and proofs: normally distributed clusters around normally distributed centers, several of
/// them to a class.
/// </summary>
public sealed class Clusters : IDataSplit
{
    readonly float[] _values;                                               // [N, D]
    readonly long[] _labels;
    readonly int _width;

    public Clusters(ClustersOptions options, int part, int count)
    {
        _width = options.Width;
        Info = new()
        {
            Classes = [.. Enumerable.Range(0, options.Classes).Select(i => Invariant($"class {i}"))],
            Inputs = [TensorSpec.Features(_width)],
        };
        var centers = options.Centers ?? Normal(new(options.Seed, StreamKey.Data), options.Count * _width);
        var random = new RandomStream(options.Seed, StreamKey.Data, part + 1);
        _labels = new long[count];
        _values = new float[count * _width];
        for (var i = 0; i < count; i++)
        {
            var cluster = random.NextInt(options.Count);
            _labels[i] = cluster % options.Classes;
            for (var d = 0; d < _width; d++)
                _values[i * _width + d] = (float)(centers[cluster * _width + d] + options.Noise * random.Normal());
        }
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var features = into.Float32(InputNames.Features, [_width]);
        for (var i = 0; i < positions.Length; i++)
        {
            _values.AsSpan(positions[i] * _width, _width).CopyTo(features[(i * _width)..]);
            into.Labels[i] = _labels[positions[i]];
            into.Ids[i] = positions[i];
        }
    }

    internal static string Hash(IReadOnlyList<Clusters> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._values.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static double[] Normal(RandomStream random, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = random.Normal();
        return values;
    }
}
