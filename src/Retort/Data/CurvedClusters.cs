using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="CurvedClusters"/>.</summary>
public sealed record CurvedClustersOptions : DataOptions
{
    /// <summary>Examples of the training split.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 5000;

    /// <summary>Examples of the validation split.</summary>
    [AtLeast(1)] public int ValidationExamples { get; init; } = 1500;

    /// <summary>Examples of the test split.</summary>
    [AtLeast(1)] public int TestExamples { get; init; } = 1500;

    /// <summary>How many classes, a cluster each.</summary>
    [AtLeast(1)] public int Classes { get; init; } = 40;

    /// <summary>D: the number of the student's features.</summary>
    [AtLeast(1)] public int Width { get; init; } = 24;

    /// <summary>The number of the latent coordinates, which the teacher gets as its features.</summary>
    [AtLeast(1)] public int LatentWidth { get; init; } = 6;

    /// <summary>The standard deviation of an example from its cluster's center; that of the centers is 1.</summary>
    [NotNegative] public double Spread { get; init; } = 0.55;

    /// <summary>The standard deviation of the noise in the features.</summary>
    [NotNegative] public double Noise { get; init; } = 0.05;

    /// <summary>The standard deviation of noise that is added to the features anew in every training pass.</summary>
    [NotNegative] public double TrainingNoise { get; init; } = 0.05;

    /// <summary>The seed of centers, map and examples.</summary>
    public int Seed { get; init; } = 1;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var map = new CurvedClusters.Map(this);
        int[] counts = [Examples, ValidationExamples, TestExamples];
        var splits = counts.Select((count, part) => new CurvedClusters(this, map, part, count)).ToList();
        return new()
        {
            Name = "curved-clusters",
            Hash = CurvedClusters.Hash(this, splits),
            Training = splits[0],
            Validation = splits[1],
            Test = splits[2],
        };
    }
}

/// <summary>
/// Computed rows for comparisons of embeddings: normally distributed clusters in a few latent coordinates, which the
/// teacher gets, and a curved map of them to more features, x = W2ᵀ tanh(1.5 W1ᵀ z) + noise, which the student gets.
/// </summary>
public sealed class CurvedClusters : IDataSplit
{
    const int HiddenWidth = 48;
    const double Slope = 1.5;

    readonly float[] _features;                                             // [N, D]
    readonly float[] _latent;                                               // [N, Z]
    readonly long[] _labels;
    readonly CurvedClustersOptions _options;

    /// <summary>Draws a split; each part has a random stream of its own.</summary>
    internal CurvedClusters(CurvedClustersOptions options, Map map, int part, int count)
    {
        _options = options;
        Info = new()
        {
            Classes = [.. Enumerable.Range(0, options.Classes).Select(i => Invariant($"cluster {i}"))],
            Inputs = [TensorSpec.Features(options.Width)],
            TeacherInputs = [TensorSpec.Features(options.LatentWidth)],
        };
        _labels = new long[count];
        _features = new float[count * options.Width];
        _latent = new float[count * options.LatentWidth];
        var random = new RandomStream(options.Seed, StreamKey.Data, part + 1);
        for (var i = 0; i < count; i++)
            _labels[i] = map.Draw(
                _latent.AsSpan(i * options.LatentWidth, options.LatentWidth),
                _features.AsSpan(i * options.Width, options.Width), ref random);
    }

    public int Count => _labels.Length;
    public DatasetInfo Info { get; }
    public int? Views => _options.TrainingNoise > 0 ? null : 1;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = _options.TrainingNoise > 0 && !view.IsPlain ? null : 0;
        var (width, latentWidth) = (_options.Width, _options.LatentWidth);
        var features = into.Float32(InputNames.Features, [width]);
        var latent = into.Float32(InputNames.Features, [latentWidth], teacher: true);
        for (var i = 0; i < positions.Length; i++)
        {
            var position = positions[i];
            var example = features.Slice(i * width, width);
            _features.AsSpan(position * width, width).CopyTo(example);
            _latent.AsSpan(position * latentWidth, latentWidth).CopyTo(latent[(i * latentWidth)..]);
            if (into.ViewIndex is null) AddNoise(example, view, position);
            into.Labels[i] = _labels[position];
            into.Ids[i] = position;
        }
    }

    internal static string Hash(CurvedClustersOptions options, IReadOnlyList<CurvedClusters> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(options.TrainingNoise));
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._latent.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._features.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    void AddNoise(Span<float> example, View view, int id)
    {
        var random = new RandomStream(view.Seed, StreamKey.Augmentation, view.Pass, id);
        foreach (ref var value in example) value += (float)(_options.TrainingNoise * random.Normal());
    }

    /// <summary>Centers and weights, the same for all splits.</summary>
    internal sealed class Map
    {
        readonly CurvedClustersOptions _options;
        readonly double[] _centers;                                         // [C, Z]
        readonly double[] _first;                                           // W1 [Z, H]
        readonly double[] _second;                                          // W2 [H, D]

        public Map(CurvedClustersOptions options)
        {
            _options = options;
            var random = new RandomStream(options.Seed, StreamKey.Data);
            _centers = Normal(options.Classes * options.LatentWidth, 1, ref random);
            _first = Normal(options.LatentWidth * HiddenWidth, options.LatentWidth, ref random);
            _second = Normal(HiddenWidth * options.Width, HiddenWidth, ref random);
        }

        /// <summary>Draws an example and returns its class.</summary>
        public long Draw(Span<float> latent, Span<float> features, ref RandomStream random)
        {
            var cluster = random.NextInt(_options.Classes);
            for (var k = 0; k < latent.Length; k++)
                latent[k] = (float)(_centers[cluster * latent.Length + k] + _options.Spread * random.Normal());
            var hidden = new double[HiddenWidth];
            for (var h = 0; h < HiddenWidth; h++)
            {
                for (var k = 0; k < latent.Length; k++) hidden[h] += latent[k] * _first[k * HiddenWidth + h];
                hidden[h] = Math.Tanh(Slope * hidden[h]);
            }
            for (var d = 0; d < features.Length; d++)
            {
                var sum = _options.Noise * random.Normal();
                for (var h = 0; h < HiddenWidth; h++) sum += hidden[h] * _second[h * features.Length + d];
                features[d] = (float)sum;
            }
            return cluster;
        }

        // of variance 1 / fanIn
        static double[] Normal(int count, int fanIn, ref RandomStream random)
        {
            var values = new double[count];
            for (var i = 0; i < count; i++) values[i] = random.Normal() / Math.Sqrt(fanIn);
            return values;
        }
    }
}
