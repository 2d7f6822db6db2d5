using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Retort.Data;

/// <summary>Options of <see cref="Domains"/>.</summary>
public sealed record DomainsOptions : DataOptions, IValidated
{
    /// <summary>How many domains there are.</summary>
    [AtLeast(1)] public int Count { get; init; } = 10;

    /// <summary>Classes of a domain; each domain has its own.</summary>
    [AtLeast(1)] public int Classes { get; init; } = 8;

    /// <summary>
    /// The domains that the student is trained and validated on, by index from 0. A teacher that the recipe trains gets
    /// all of them.
    /// </summary>
    [NotEmpty, NotNegative] public IReadOnlyList<int> TrainedOn { get; init; } = [0];

    /// <summary>The domains of the test split.</summary>
    [NotEmpty, NotNegative] public IReadOnlyList<int> TestedOn { get; init; } = [0];

    /// <summary>Examples that control and student are trained on, the same number of each of their domains.</summary>
    [AtLeast(1)] public int Examples { get; init; } = 4000;

    /// <summary>Examples that a teacher is trained on that the recipe trains.</summary>
    [AtLeast(1)] public int TeacherExamples { get; init; } = 32_000;

    /// <summary>Examples of the validation split.</summary>
    [AtLeast(1)] public int ValidationExamples { get; init; } = 1000;

    /// <summary>Examples of the test split.</summary>
    [AtLeast(1)] public int TestExamples { get; init; } = 2000;

    /// <summary>The number of features.</summary>
    [AtLeast(1)] public int Width { get; init; } = 40;

    /// <summary>The dimension of a domain's subspace of the features.</summary>
    [AtLeast(1)] public int SubspaceWidth { get; init; } = 10;

    /// <summary>The standard deviation of an example from its class's mean; that of the means is 1.</summary>
    [NotNegative] public double Spread { get; init; } = 0.9;

    /// <summary>The standard deviation of a domain's offset in each feature.</summary>
    [NotNegative] public double Offset { get; init; } = 0.6;

    /// <summary>The seed of domains and examples.</summary>
    public int Seed { get; init; } = 1;

    public OptionError? Validate() =>
        SubspaceWidth > Width ? new(nameof(SubspaceWidth), Invariant(
            $"must be at most width, {Width}; it is {SubspaceWidth}."))
        : Outside(TrainedOn) is { } trained ? new(nameof(TrainedOn), Invariant(
            $"must name domains below count, {Count}; it has {trained}."))
        : Outside(TestedOn) is { } tested ? new(nameof(TestedOn), Invariant(
            $"must name domains below count, {Count}; it has {tested}."))
        : null;

    public override Dataset Open()
    {
        OptionRules.Check(this);
        var map = new Domains.Map(this);
        int[] all = [.. Enumerable.Range(0, Count)];
        var teacher = new Domains(this, map, part: 0, TeacherExamples, all);
        var training = new Domains(this, map, part: 1, Examples, TrainedOn);
        var validation = new Domains(this, map, part: 2, ValidationExamples, TrainedOn);
        var test = new Domains(this, map, part: 3, TestExamples, TestedOn);
        return new()
        {
            Name = "domains",
            Hash = Domains.Hash([teacher, training, validation, test]),
            TeacherTraining = teacher,
            Training = training,
            Validation = validation,
            Test = test,
        };
    }

    int? Outside(IReadOnlyList<int> domains) => domains.Any(domain => domain >= Count) ? domains.Max() : null;
}

/// <summary>
/// Computed rows for students that are specialized: domains with classes of their own, each normally distributed
/// clusters in a random subspace of the features, at a random offset.
/// </summary>
public sealed class Domains : IDataSplit
{
    readonly float[] _features;                                             // [N, D]
    readonly long[] _labels;
    readonly int _width;

    /// <summary>Draws a split, its domains in turn; each part has a random stream of its own.</summary>
    internal Domains(DomainsOptions options, Map map, int part, int count, IReadOnlyList<int> domains)
    {
        _width = options.Width;
        Info = new()
        {
            Classes =
            [
                .. from domain in Enumerable.Range(0, options.Count)
                   from cluster in Enumerable.Range(0, options.Classes)
                   select Invariant($"domain {domain}, cluster {cluster}"),
            ],
            Inputs = [TensorSpec.Features(options.Width)],
        };
        (_features, _labels) = (new float[count * _width], new long[count]);
        var random = new RandomStream(options.Seed, StreamKey.Data, part + 1);
        for (var i = 0; i < count; i++)
        {
            var domain = domains[i % domains.Count];
            var cluster = random.NextInt(options.Classes);
            map.Draw(domain, cluster, _features.AsSpan(i * _width, _width), ref random);
            _labels[i] = domain * options.Classes + cluster;
        }
    }

    public int Count => _labels.Length;

    public DatasetInfo Info { get; }

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var features = into.Float32(InputNames.Features, [_width]);
        for (var i = 0; i < positions.Length; i++)
        {
            _features.AsSpan(positions[i] * _width, _width).CopyTo(features[(i * _width)..]);
            into.Labels[i] = _labels[positions[i]];
            into.Ids[i] = positions[i];
        }
    }

    internal static string Hash(IReadOnlyList<Domains> splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in splits)
        {
            hash.AppendData(MemoryMarshal.AsBytes(split._labels.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(split._features.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Subspaces, means and offsets, the same for all splits.</summary>
    internal sealed class Map
    {
        readonly DomainsOptions _options;
        readonly List<double[][]> _bases;                                   // of each domain, orthonormal vectors
        readonly List<double[]> _offsets;                                   // of each domain
        readonly List<double[]> _means;                                     // of each class, in its subspace

        public Map(DomainsOptions options)
        {
            _options = options;
            (_bases, _offsets, _means) = ([], [], []);
            var random = new RandomStream(options.Seed, StreamKey.Data);
            for (var domain = 0; domain < options.Count; domain++)
            {
                _bases.Add(Basis(ref random));
                _offsets.Add(Normal(options.Width, options.Offset, ref random));
                for (var cluster = 0; cluster < options.Classes; cluster++)
                    _means.Add(Normal(options.SubspaceWidth, 1, ref random));
            }
        }

        /// <summary>Draws an example of a domain's cluster.</summary>
        public void Draw(int domain, int cluster, Span<float> features, ref RandomStream random)
        {
            var values = _offsets[domain].ToArray();
            foreach (var (k, mean) in _means[domain * _options.Classes + cluster].Index())
            {
                var coordinate = mean + _options.Spread * random.Normal();
                for (var d = 0; d < values.Length; d++) values[d] += coordinate * _bases[domain][k][d];
            }
            for (var d = 0; d < values.Length; d++) features[d] = (float)values[d];
        }

        // Gram and Schmidt
        double[][] Basis(ref RandomStream random)
        {
            var basis = new List<double[]>();
            while (basis.Count < _options.SubspaceWidth)
            {
                var vector = Normal(_options.Width, 1, ref random);
                foreach (var other in basis)
                {
                    var product = Dot(vector, other);
                    for (var d = 0; d < vector.Length; d++) vector[d] -= product * other[d];
                }
                var length = Math.Sqrt(Dot(vector, vector));
                basis.Add([.. vector.Select(value => value / length)]);
            }
            return [.. basis];
        }

        static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

        static double[] Normal(int count, double deviation, ref RandomStream random)
        {
            var values = new double[count];
            for (var i = 0; i < count; i++) values[i] = deviation * random.Normal();
            return values;
        }
    }
}
