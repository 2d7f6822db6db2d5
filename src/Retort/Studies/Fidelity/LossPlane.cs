using Retort.Recipes;
using Retort.Report;
using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// <c>plane.json</c>: the distillation loss on the plane through a teacher's weights, its student's, and those that the
/// student began with. The origin is the teacher. The x axis leads to the student, which is at (1, 0). The y axis is
/// orthogonal to it (Gram-Schmidt), and the first weights are at y = 1.
/// </summary>
sealed record LossPlane
{
    /// <summary>The student's name.</summary>
    public required string Student { get; init; }

    /// <summary>Lengths of the two directions in weight space.</summary>
    public required IReadOnlyList<double> Lengths { get; init; }

    /// <summary>Where the first weights lie.</summary>
    public required IReadOnlyList<double> First { get; init; }

    /// <summary>Places of the columns.</summary>
    public required IReadOnlyList<double> Xs { get; init; }

    /// <summary>Places of the rows.</summary>
    public required IReadOnlyList<double> Ys { get; init; }

    /// <summary>Loss over its floor, row by row.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Excess { get; init; }

    /// <summary>Agreement, row by row.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Agreement { get; init; }

    const string FileName = "plane.json";
    const int Rows = 1200;                                                 // of the distillation data, at each point

    /// <summary>Computes it for one student with a single teacher and drawn first weights.</summary>
    public static LossPlane Of(
        StudyRunner runner, string name, StudyNetwork student, int points, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        using var network = runner.Loaded(student);
        using var teacher = runner.Teacher(student);
        var t = Weights(runner, student.Teachers[0], first: false);
        var (s, w) = (Weights(runner, student, first: false), Weights(runner, student, first: true));
        var (v, u) = (Less(s, t), w.Zip(t.Zip(s), (one, pair) => one - (pair.First + pair.Second) / 2).ToArray());
        var along = Dot(u, v) / Dot(v, v);
        var across = u.Zip(v, (one, other) => one - along * other).ToArray();
        double[] xs = Places(-0.5, 1.5, points), ys = Places(-0.5, 1.5, points);
        var showings = Kept(runner.Showings(student));
        var (excess, agreement) = (new List<IReadOnlyList<double>>(), new List<IReadOnlyList<double>>());
        foreach (var y in ys)
        {
            token.ThrowIfCancellationRequested();
            List<DistillationMeasures> row =
            [
                .. xs.Select(x => DistillationMeasures.Of(showings, teacher, At(x, y), student.Temperature)),
            ];
            excess.Add([.. row.Select(point => point.Excess)]);
            agreement.Add([.. row.Select(point => point.Agreement)]);
        }
        return new()
        {
            Student = name, Lengths = [Math.Sqrt(Dot(v, v)), Math.Sqrt(Dot(across, across))], First = [0.5 + along, 1],
            Xs = xs, Ys = ys, Excess = excess, Agreement = agreement,
        };

        Network At(double x, double y)
        {
            var place = 0;
            using var still = no_grad();
            foreach (var (_, weight) in network.named_parameters())
            {
                using var inner = NewDisposeScope();
                var values = new float[weight.numel()];
                for (var i = 0; i < values.Length; i++, place++)
                    values[i] = (float)(t[place] + x * v[place] + y * across[place]);
                weight.copy_(values.ToTensor(weight.shape));
            }
            return network;
        }
    }

    /// <summary>Writes it into a study's folder.</summary>
    public void Write(string run) =>
        AtomicFile.Write(Path.Combine(run, FileName), JsonSerializer.Serialize(this, Json.Line) + "\n");

    /// <summary>That of a study's folder; null where it has none.</summary>
    public static LossPlane? Read(string run)
    {
        var path = Path.Combine(run, FileName);
        if (!File.Exists(path)) return null;
        var plane = JsonFile.Read<LossPlane>(path, "the plane of a loss");
        return plane is { Lengths.Count: 2, First.Count: 2, Xs.Count: > 1, Ys.Count: > 1 }
            && Fits(plane.Excess) && Fits(plane.Agreement)
            ? plane
            : throw new InvalidDataException(
                $"{path} does not describe the plane of a loss: it must have two lengths, "
                + "the two coordinates of the first weights, at least two columns and rows, "
                + "and a value for each place.");

        bool Fits(IReadOnlyList<IReadOnlyList<double>> values) =>
            values.Count == plane.Ys.Count && values.All(row => row.Count == plane.Xs.Count);
    }

    static double[] Weights(StudyRunner runner, StudyNetwork trainee, bool first)
    {
        if (first) RandomStream.SeedTorch(trainee.Seed, StreamKey.Weights);
        using var network = first ? ModuleFactory.Create(() => runner.First(trainee)) : runner.Loaded(trainee);
        using var scope = NewDisposeScope();
        return
        [
            .. network.named_parameters().SelectMany(pair => pair.parameter.detach().contiguous().ToFloatArray())
                .Select(value => (double)value),
        ];
    }

    // a batch is used again by whoever prepares the next one: each point must see all of them
    static List<HostBatch> Kept(IEnumerable<HostBatch> showings)
    {
        var kept = new List<HostBatch>();
        var rows = 0;
        foreach (var one in showings)
        {
            kept.Add(one.Copy());
            if ((rows += one.Count) >= Rows) break;
        }
        return kept;
    }

    static double[] Places(double from, double to, int count) =>
        [.. Enumerable.Range(0, count).Select(i => from + (to - from) * i / Math.Max(count - 1, 1))];

    static double[] Less(double[] one, double[] other) => [.. one.Zip(other, (a, b) => a - b)];

    static double Dot(double[] one, double[] other) => one.Zip(other, (a, b) => a * b).Sum();
}
