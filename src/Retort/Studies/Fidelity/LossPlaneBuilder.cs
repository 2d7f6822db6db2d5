using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Computes the <see cref="LossPlane"/> of a student with a single teacher and drawn initial weights.
/// </summary>
sealed class LossPlaneBuilder(StudyRunner runner, StudyNetwork student, int points)
{
    const int Rows = 1200;                                                 // of the distillation data, at each point

    public LossPlane Build(string name, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        using var network = runner.LoadTrained(student);
        using var teacher = runner.OpenTeacher(student);
        var t = TrainedWeights(student.Teachers[0]);
        var s = TrainedWeights(student);
        var w = InitialWeights(student);

        // v leads to the student; u from the middle between teacher and student to the initial weights
        var v = Subtract(s, t);
        var u = w.Zip(t.Zip(s), (one, pair) => one - (pair.First + pair.Second) / 2).ToArray();
        var along = Dot(u, v) / Dot(v, v);
        var across = u.Zip(v, (one, other) => one - along * other).ToArray();
        var coordinates = Coordinates(-0.5, 1.5);
        var batches = CopyBatches(runner.NewViews(student));
        List<IReadOnlyList<double>> excess = [], agreement = [];
        foreach (var y in coordinates)
        {
            token.ThrowIfCancellationRequested();
            List<DistillationMeasures> row = [];
            foreach (var x in coordinates)
            {
                SetWeights(network, i => t[i] + x * v[i] + y * across[i]);
                row.Add(DistillationMeasures.Of(batches, teacher, network, student.Temperature));
            }
            excess.Add([.. row.Select(point => point.Excess)]);
            agreement.Add([.. row.Select(point => point.Agreement)]);
        }
        return new()
        {
            Student = name,
            Lengths = [Math.Sqrt(Dot(v, v)), Math.Sqrt(Dot(across, across))],
            First = [0.5 + along, 1],
            Xs = coordinates,
            Ys = coordinates,
            Excess = excess,
            Agreement = agreement,
        };
    }

    double[] TrainedWeights(StudyNetwork network)
    {
        using var loaded = runner.LoadTrained(network);
        return WeightsOf(loaded);
    }

    double[] InitialWeights(StudyNetwork network)
    {
        RandomStream.SeedTorch(network.Seed, StreamKey.Weights);
        using var built = ModuleFactory.Create(() => runner.BuildInitial(network));
        return WeightsOf(built);
    }

    static double[] WeightsOf(Network network)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. network.named_parameters().SelectMany(pair => pair.parameter.detach().contiguous().ToFloatArray())
                .Select(value => (double)value),
        ];
    }

    static void SetWeights(Network network, Func<int, double> weight)
    {
        var at = 0;
        using var noGrad = no_grad();
        foreach (var (_, parameter) in network.named_parameters())
        {
            using var scope = NewDisposeScope();
            var values = new float[parameter.numel()];
            for (var i = 0; i < values.Length; i++) values[i] = (float)weight(at++);
            parameter.copy_(values.ToTensor(parameter.shape));
        }
    }

    // copies, since every point needs all batches and a batch is valid until the next one
    static List<HostBatch> CopyBatches(IEnumerable<HostBatch> batches)
    {
        var copies = new List<HostBatch>();
        var rows = 0;
        foreach (var batch in batches)
        {
            copies.Add(batch.Copy());
            rows += batch.Count;
            if (rows >= Rows) break;
        }
        return copies;
    }

    double[] Coordinates(double from, double to) =>
        [.. Enumerable.Range(0, points).Select(i => from + (to - from) * i / Math.Max(points - 1, 1))];

    static double[] Subtract(double[] one, double[] other) => [.. one.Zip(other, (a, b) => a - b)];

    static double Dot(double[] one, double[] other) => one.Zip(other, (a, b) => a * b).Sum();
}
