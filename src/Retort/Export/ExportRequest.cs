using Retort.Runtime;

namespace Retort.Export;

/// <summary>An ONNX file's answers to examples of a data set, which is handed out normalised and asked about as read.</summary>
sealed class ExportRequest : IDisposable
{
    readonly OnnxModel _onnx;
    readonly string _input;
    readonly Normalization? _normalization;
    readonly Dictionary<int, OnnxCall> _calls = [];
    readonly IReadOnlyList<string> _outputs;
    readonly IReadOnlyList<long> _shape;
    readonly HostBatch _prepared = new();

    /// <param name="path">The file.</param>
    /// <param name="content">All of it, where it is not on the disk.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="outputs">What is asked for; the logits where nothing is said.</param>
    public ExportRequest(string path, byte[]? content, DatasetInfo data, params IReadOnlyList<string> outputs)
    {
        (_onnx, _normalization) = (new(path, content, threads: 1), data.Normalization);
        (_input, _shape) = (data.OnlyInput("An exported student").Name, data.Inputs[0].Shape);
        _outputs = outputs.Count == 0 ? [OnnxExporter.Output] : outputs;
    }

    /// <summary>The examples as tensors, and what the file answers to each of the outputs asked for.</summary>
    public OnnxCall Ask(IDataSplit part, ReadOnlySpan<int> positions)
    {
        part.Load(positions, View.Plain, _prepared);
        var call = Call(positions.Length);
        Raw(_prepared.Float32(_input, [.. _shape]), call.Input<float>());
        call.Run();
        return call;
    }

    /// <summary>Their labels and ids, and the batch as a network is fed it.</summary>
    public HostBatch Prepared => _prepared;

    /// <summary>The call for so many examples.</summary>
    public OnnxCall Call(int count) => _calls.TryGetValue(count, out var known) ? known
        : _calls[count] = _onnx.Prepare([[count, .. _shape]], _outputs);

    public void Dispose()
    {
        foreach (var call in _calls.Values) call.Dispose();
        _onnx.Dispose();
    }

    // x' sd + mean in float64: pixels from 0 to 1, features as they were read
    void Raw(ReadOnlySpan<float> normalised, Span<float> raw)
    {
        if (_normalization is not { } normalization)
        {
            normalised.CopyTo(raw);
            return;
        }
        var channels = normalization.Mean.Count;
        var area = (int)(_shape.Aggregate(1L, (product, size) => product * size) / channels);
        var scale = _input == InputNames.PixelValues ? 1 : normalization.Scale;
        for (var i = 0; i < raw.Length; i++)
            if (i / area % channels is var c) raw[i] = (float)((normalised[i] * normalization.StandardDeviation[c] + normalization.Mean[c]) * scale);
    }
}
