using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Computes predictions: runs a network or teacher over a split, in order and without augmentation.</summary>
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
        Func<Batch, Outputs> forward, IDataSplit data, OutputKey output, Device? device, CancellationToken token)
    {
        var labels = new long[data.Count];
        var ids = new long[data.Count];
        float[] values = [];
        float[]? targets = null;
        var width = 0;
        var batch = new HostBatch();
        for (var at = 0; at < data.Count; at += BatchSize)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            data.Load([.. Enumerable.Range(at, Math.Min(BatchSize, data.Count - at))], View.Plain, batch);
            var tensor = forward(batch.ToBatch(device))[output].to(ScalarType.Float32).cpu().contiguous();   // [B, D]
            if (tensor.Dimensions != 2) throw new InvalidOperationException(
                $"Predictions are stored with one row per example; {output.Title} has the shape "
                + $"[{string.Join(", ", tensor.shape)}].");
            if (at == 0)
            {
                width = (int)tensor.shape[1];
                values = new float[data.Count * width];
            }
            MemoryMarshal.Cast<byte, float>(tensor.bytes).CopyTo(values.AsSpan(at * width));
            batch.Labels.CopyTo(labels.AsSpan(at));
            for (var i = 0; i < batch.Count; i++) ids[at + i] = batch.Ids[i];
            if (batch.TargetWidth == 0) continue;

            targets ??= new float[data.Count * batch.TargetWidth];
            batch.KnownTargets.CopyTo(targets.AsSpan(at * batch.TargetWidth));
        }
        return new()
        {
            Output = output.Name,
            Values = values,
            Width = width,
            Labels = labels,
            Targets = targets,
            Ids = ids,
        };
    }
}
