using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Teachers.Cache;

/// <summary>A few examples with the teacher's outputs, in a safetensors file beside the shards.</summary>
/// <param name="path">The file.</param>
/// <param name="spec">The cache.</param>
/// <param name="layout">Its records.</param>
sealed class CacheProbe(string path, CacheSpec spec, RecordLayout layout)
{
    const string InputPrefix = "input/";
    const string OutputPrefix = "output/";
    const int MaxExamples = 8;
    const long MaxBytes = 256_000_000;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Writes the file, unless it is there or the folder is read-only.</summary>
    public void WriteOnce(TeacherRunner runner)
    {
        if (File.Exists(path)) return;
        CacheFileLock.Write(path, () =>
        {
            if (!File.Exists(path)) Write(runner, Math.Min(MaxExamples, spec.Identity.Examples));
        });
    }

    /// <summary>The batch and the outputs, an array a field; no batch where there is no file.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, or of another type or shape.</exception>
    public (Batch? Batch, IReadOnlyList<float[]> Outputs) Read()
    {
        if (!File.Exists(path)) return (null, []);
        var tensors = SafeTensors.Read(path, MaxBytes);
        var inputs = spec.Identity.Inputs
            .Select(input => (input.Name, Find(InputPrefix + input.Name, input, MaxExamples).to(spec.Device))).ToList();
        var count = (int)inputs[0].Item2.shape[0];
        if (inputs.Exists(input => input.Item2.shape[0] != count)) throw OtherCount();
        var batch = new Batch
        {
            Inputs = new(inputs), Labels = zeros(count, dtype: ScalarType.Int64).to(spec.Device), Labelled = 0,
            Ids = [.. Enumerable.Range(0, count)], ViewIndex = 0,
        };
        return (batch, [.. layout.Fields.Select(field => OutputOf(field, count))]);

        Tensor Find(string name, TensorSpec expected, int rows)
        {
            if (tensors.TryGetValue(name, out var tensor) && Fits(tensor, expected, rows)) return tensor;
            throw new InvalidDataException(
                $"{path} has no {expected with { Name = name }} of 1 to {rows} examples: remove the file.");
        }

        float[] OutputOf(CacheField field, int rows)
        {
            var found = Find(OutputPrefix + field.Output.Name, TensorSpec.Features(field.Width), rows).ToFloatArray();
            return found.Length == rows * field.Width ? found : throw OtherCount();
        }
    }

    InvalidDataException OtherCount() =>
        new($"{path} must have inputs and outputs, all of one number of examples: remove the file.");

    void Write(TeacherRunner runner, int count)
    {
        var outputs = runner.Allocate(count);
        var loaded = runner.Load([.. Enumerable.Range(0, count)], 0, new());
        runner.Run(loaded, outputs);
        var tensors = loaded.ToBatch().TeacherInputs.Parts
            .Where(part => spec.Identity.Inputs.Any(input => input.Name == part.Name))
            .Select(part => KeyValuePair.Create(InputPrefix + part.Name, part.Value)).ToList();
        foreach (var (field, values) in layout.Fields.Zip(outputs))
        {
            var rows = values.AsSpan(0, count * field.Width).ToTensor(count, field.Width);
            tensors.Add(new(OutputPrefix + field.Output.Name, rows));
        }
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["teacher"] = spec.Identity.Teacher });
    }

    static bool Fits(Tensor tensor, TensorSpec expected, int rows)
    {
        if (tensor.dtype != expected.TorchType || tensor.dim() != expected.Axes.Count + 1) return false;
        if (tensor.shape[0] < 1 || tensor.shape[0] > rows) return false;
        return expected.Axes.Index().All(axis => axis.Item.Size is { } size
            ? tensor.shape[axis.Index + 1] == size
            : tensor.shape[axis.Index + 1] >= 1 && tensor.shape[axis.Index + 1] <= axis.Item.Most);
    }
}
