using Microsoft.ML.OnnxRuntime;

namespace Retort.Benchmarks;

/// <summary>ONNX Runtime alone, with the settings that Retort uses.</summary>
sealed class BareSession : IDisposable
{
    readonly InferenceSession _session;
    readonly RunOptions _options = new();
    readonly OrtIoBinding _binding;
    readonly OrtValue _boundInput;
    readonly OrtValue _boundOutput;
    readonly float[] _examples;
    readonly long[] _shape;
    readonly string[] _inputs;
    readonly string[] _outputs = ["logits"];

    public BareSession(string path, string input, long[] shape, float[] examples)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new(path, settings);
        _examples = examples;
        _shape = shape;
        _inputs = [input];
        _boundInput = OrtValue.CreateTensorValueFromMemory(examples, shape);
        _boundOutput = OrtValue.CreateTensorValueFromMemory(new float[shape[0] * 10], [shape[0], 10]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(input, _boundInput);
        _binding.BindOutput("logits", _boundOutput);
    }

    /// <summary>A run with bound buffers.</summary>
    public void RunBound() => _session.RunWithBinding(_options, _binding);

    /// <summary>A run as in ONNX Runtime's documentation.</summary>
    public void RunDocumented()
    {
        using var input = OrtValue.CreateTensorValueFromMemory(_examples, _shape);
        using var outputs = _session.Run(_options, _inputs, [input], _outputs);
        _ = outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    public void Dispose()
    {
        _binding.Dispose();
        _boundInput.Dispose();
        _boundOutput.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
