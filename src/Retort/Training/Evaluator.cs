using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Computes predictions: runs a network or teacher over a split, without augmentation.</summary>
public static class Evaluator
{
    const int BatchSize = 256;

    /// <summary>A network's output on every example, in eval mode and without gradient; its mode is restored.</summary>
    public static Predictions Predict(Network network, IDataSplit data, OutputKey output, Device? device = null)
    {
        using var noGrad = no_grad();
        var wasTraining = network.training;
        network.eval();
        var predictions = Predict(batch => network.Forward(batch.Inputs, output), data, output, device, default);
        network.train(wasTraining);
        return predictions;
    }

    /// <summary>A teacher's output on every example.</summary>
    public static Predictions Predict(ITeacher teacher, IDataSplit data, OutputKey output, Device? device = null,
        CancellationToken token = default) =>
        Predict(batch => teacher.Forward(batch, output), data, output, device, token);

    /// <summary>Several outputs of a network on every example, by key; as one output of it.</summary>
    public static IReadOnlyDictionary<OutputKey, Predictions> Predict(
        Network network, IDataSplit data, OutputSet outputs, Device? device = null)
    {
        using var noGrad = no_grad();
        var wasTraining = network.training;
        network.eval();
        var predictions = Predict(batch => network.Forward(batch.Inputs, outputs), data, outputs, device, default);
        network.train(wasTraining);
        return predictions;
    }

    /// <summary>Several outputs of a teacher on every example, by key.</summary>
    public static IReadOnlyDictionary<OutputKey, Predictions> Predict(
        ITeacher teacher, IDataSplit data, OutputSet outputs, Device? device = null,
        CancellationToken token = default) =>
        Predict(batch => teacher.Forward(batch, outputs), data, outputs, device, token);

    /// <summary>The numbers per example that a network outputs.</summary>
    public static int Width(Network network, IDataSplit data, OutputKey output, Device? device)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var wasTraining = network.training;
        network.eval();
        var batch = new HostBatch();
        data.Load([0], View.Plain, batch);
        var width = (int)network.Forward(batch.ToBatch(device).Inputs, output)[output].shape[1];
        network.train(wasTraining);
        return width;
    }

    static Predictions Predict(
        Func<Batch, Outputs> forward, IDataSplit data, OutputKey output, Device? device, CancellationToken token) =>
        Predict(forward, data, (OutputSet)output, device, token)[output];

    static Dictionary<OutputKey, Predictions> Predict(
        Func<Batch, Outputs> forward, IDataSplit data, OutputSet outputs, Device? device, CancellationToken token)
    {
        var labels = new long[data.Count];
        var ids = new long[data.Count];
        float[]? targets = null;
        if (data is EpisodeSplit episodes) return Returns(forward, episodes, outputs, device, token);

        List<Rows> rows = [.. outputs.Keys.Select(key => new Rows(key, data.Count))];
        var batch = new HostBatch();
        foreach (var positions in Order(data).Chunk(BatchSize))
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            data.Load(positions, View.Plain, batch);
            var found = forward(batch.ToBatch(device));
            foreach (var output in rows) output.Add(found, positions);
            if (batch.TargetWidth > 0) targets ??= new float[data.Count * batch.TargetWidth];
            foreach (var (i, at) in positions.Index())
            {
                (labels[at], ids[at]) = (batch.Labels[i], batch.Ids[i]);
                var known = batch.KnownTargets.Slice(i * batch.TargetWidth, batch.TargetWidth);
                if (targets is not null) known.CopyTo(targets.AsSpan(at * batch.TargetWidth));
            }
        }
        return rows.ToDictionary(output => output.Key, output => new Predictions
        {
            Output = output.Key.Name,
            Values = output.Values,
            Width = output.Width,
            Labels = labels,
            Targets = targets,
            Ids = ids,
        });
    }

    // of a policy the returns are stored, whichever of its outputs acts
    static Dictionary<OutputKey, Predictions> Returns(Func<Batch, Outputs> forward, EpisodeSplit episodes,
        OutputSet outputs, Device? device, CancellationToken token) => outputs.Keys.ToDictionary(
            output => output, output => episodes.Returns(forward, output, device, token: token));

    /// <summary>One output of all examples, filled batch by batch.</summary>
    sealed class Rows(OutputKey key, int count)
    {
        public OutputKey Key => key;

        public float[] Values { get; private set; } = [];

        public int Width { get; private set; }

        public void Add(Outputs outputs, int[] positions)
        {
            var tensor = outputs[key].to(ScalarType.Float32).cpu().contiguous();                 // [B, D]
            if (tensor.Dimensions != 2) throw new InvalidOperationException(
                $"Predictions are stored with one row per example; {key.Title} has the shape "
                + $"[{string.Join(", ", tensor.shape)}].");
            if (Values.Length == 0)
            {
                Width = (int)tensor.shape[1];
                Values = new float[count * Width];
            }
            var numbers = MemoryMarshal.Cast<byte, float>(tensor.bytes);
            foreach (var (i, at) in positions.Index())
                numbers.Slice(i * Width, Width).CopyTo(Values.AsSpan(at * Width));
        }
    }

    /// <summary>All positions, by length where the examples have lengths, so that little is padded.</summary>
    internal static IEnumerable<int> Order(IDataSplit data)
    {
        var all = Enumerable.Range(0, data.Count);
        return data.Count == 0 || data.LengthOf(0) is null ? all : all.OrderBy(data.LengthOf);
    }
}
