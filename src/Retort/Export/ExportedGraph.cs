using System.Runtime.InteropServices;
using Retort.Runtime;

namespace Retort.Export;

/// <summary>
/// An exported graph, run on examples of a data set. Batches come normalized; the graph is fed the numbers as they were
/// read.
/// </summary>
sealed class ExportedGraph : IDisposable
{
    readonly OnnxModel _model;
    readonly DatasetInfo _data;
    readonly IReadOnlyList<string> _outputs;

    /// <param name="path">The file.</param>
    /// <param name="content">Its content, where it is not on the disk.</param>
    /// <param name="data">The data that the network was trained on.</param>
    /// <param name="outputs">Names of the outputs to compute; all unless given.</param>
    public ExportedGraph(string path, byte[]? content, DatasetInfo data, params IReadOnlyList<string> outputs)
    {
        (_model, _data) = (new(path, content, threads: 1), data);
        _outputs = outputs.Count > 0 ? outputs : [.. _model.Outputs.Select(output => output.Name)];
    }

    /// <summary>The examples that were loaded last, as a network is fed them.</summary>
    public HostBatch Batch { get; } = new();

    /// <summary>Runs the graph on these examples of a split.</summary>
    public GraphRun Run(IDataSplit split, ReadOnlySpan<int> positions)
    {
        var inputs = Load(split, positions);
        return new(inputs, _model.Run(inputs, _outputs));
    }

    /// <summary>Runs a graph of one float32 input on rows of numbers; returns its first output.</summary>
    public float[] Run(float[] rows, int count)
    {
        var spec = _data.Inputs[0];
        var input = NamedTensor.Of<float>(spec.Name, rows, [count, .. spec.Shape]);
        return _model.Run([input], _outputs)[0].Values<float>().ToArray();
    }

    /// <summary>A call that is ready to run on one example, again and again.</summary>
    public OnnxCall Prepare(IDataSplit split, int position)
    {
        var inputs = Load(split, [position]);
        var call = _model.Prepare([.. inputs.Select(input => (long[])[.. input.Shape])], _outputs);
        foreach (var (i, input) in inputs.Index())
            if (input.ElementType == typeof(float)) input.Values<float>().CopyTo(call.Input<float>(i));
            else if (input.ElementType == typeof(long)) input.Values<long>().CopyTo(call.Input<long>(i));
            else input.Values<bool>().CopyTo(call.Input<bool>(i));
        return call;
    }

    public void Dispose() => _model.Dispose();

    List<NamedTensor> Load(IDataSplit split, ReadOnlySpan<int> positions)
    {
        split.Load(positions, View.Plain, Batch);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var inputs = Batch.ToBatch().Inputs;
        return [.. _data.Inputs.Select(spec => ToNamed(spec, inputs[spec.Name]))];
    }

    static NamedTensor ToNamed(TensorSpec spec, Tensor value)
    {
        if (spec.Type == TensorType.Int64) return NamedTensor.Of<long>(spec.Name, value.ToLongArray(), value.shape);
        if (spec.Type == TensorType.Bool)
            return NamedTensor.Of(spec.Name, MemoryMarshal.Cast<byte, bool>(value.contiguous().bytes), value.shape);
        var values = value.ToFloatArray();
        if (spec.Normalization is { } normalization) Denormalize(spec, normalization, values);
        return NamedTensor.Of<float>(spec.Name, values, value.shape);
    }

    // x' sd + mean in float64: images from 0 to 1, others as they were read
    static void Denormalize(TensorSpec spec, Normalization normalization, float[] values)
    {
        var channels = normalization.Mean.Count;
        var area = (int)(spec.Count / channels);
        var scale = spec.Name == InputNames.PixelValues ? 1 : normalization.Scale;
        for (var i = 0; i < values.Length; i++)
        {
            var c = i / area % channels;
            values[i] = (float)((values[i] * normalization.StandardDeviation[c] + normalization.Mean[c]) * scale);
        }
    }
}

/// <summary>One run of a graph.</summary>
/// <param name="Inputs">What it was fed, in the order of the data's inputs.</param>
/// <param name="Outputs">What it returned, in the order of the requested outputs.</param>
sealed record GraphRun(IReadOnlyList<NamedTensor> Inputs, IReadOnlyList<NamedTensor> Outputs)
{
    /// <summary>The numbers of an output, by its name.</summary>
    public ReadOnlySpan<float> Output(string name) => Outputs.First(output => output.Name == name).Values<float>();

    /// <summary>The numbers of an output.</summary>
    public ReadOnlySpan<T> Output<T>(int index = 0) where T : unmanaged => Outputs[index].Values<T>();
}
