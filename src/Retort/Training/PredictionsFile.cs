using System.Runtime.InteropServices;
using Retort.Tensors.Files;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Predictions in a safetensors file: several splits by name.</summary>
public static class PredictionsFile
{
    /// <summary>The file of a network's predictions on validation and test.</summary>
    public const string Name = "predictions.safetensors";

    /// <summary>The file of the same predictions with the weights of the last epoch.</summary>
    public const string LastEpochName = "predictions-last.safetensors";

    /// <summary>The file of predictions on the labelled training examples, as the split <c>training</c>.</summary>
    public const string TrainingName = "predictions-training.safetensors";

    /// <summary>Writes splits by name (<c>validation</c>, <c>test</c>) into one file.</summary>
    public static void Write(string path, params IReadOnlyList<(string Split, Predictions Predictions)> splits)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (split, predictions) in splits)
        {
            var count = predictions.Count;
            tensors[$"{split}/{predictions.Output}"] = predictions.Values.ToTensor(count, predictions.Width);
            tensors[$"{split}/labels"] = predictions.Labels.ToTensor(count);
            tensors[$"{split}/ids"] = predictions.Ids.ToTensor(count);
            if (predictions.Targets is { } targets)
                tensors[$"{split}/targets"] = targets.ToTensor(count, targets.Length / Math.Max(count, 1));
        }
        SafeTensors.Write(path, tensors);
    }

    /// <summary>Reads one split.</summary>
    /// <exception cref="InvalidDataException">The split is missing, or its tensors do not fit each other.</exception>
    public static Predictions Read(string path, string split) => Find(path, split)
        ?? throw new InvalidDataException($"{path} has no predictions of the split \"{split}\".");

    /// <summary>Reads one split; null where the file or the split is missing.</summary>
    /// <exception cref="InvalidDataException">The split's tensors do not fit each other.</exception>
    internal static Predictions? ReadIfStored(string path, string split) =>
        File.Exists(path) ? Find(path, split) : null;

    static Predictions? Find(string path, string split)
    {
        using var scope = NewDisposeScope();
        var tensors = SafeTensors.Read(path);
        var stored = Output.All.Select(key => key.Name).Append(EpisodeSplit.Return);
        if (stored.FirstOrDefault(name => tensors.ContainsKey($"{split}/{name}")) is not { } output) return null;

        var values = TensorOf(output, ScalarType.Float32);
        var labels = TensorOf("labels", ScalarType.Int64);
        var ids = TensorOf("ids", ScalarType.Int64);
        var targets = tensors.ContainsKey($"{split}/targets") ? TensorOf("targets", ScalarType.Float32) : null;
        var rows = ids.numel();
        if (rows == 0 || values.Dimensions != 2 || values.shape[0] != rows || labels.numel() != rows
            || targets is { } known && (known.Dimensions != 2 || known.shape[0] != rows))
            throw new InvalidDataException(Invariant($"{path}: {split} must have a row of {output}, a label ")
                + Invariant($"and an id for each example; it has {values.numel()} values, {labels.numel()} labels, ")
                + Invariant($"{rows} ids."));
        return new()
        {
            Output = output,
            Values = ToArray<float>(values),
            Width = (int)values.shape[1],
            Labels = ToArray<long>(labels),
            Ids = ToArray<long>(ids),
            Targets = targets is null ? null : ToArray<float>(targets),
        };

        Tensor TensorOf(string name, ScalarType type) =>
            tensors.TryGetValue($"{split}/{name}", out var tensor) && tensor.dtype == type ? tensor
            : throw new InvalidDataException(
                $"{path} holds no predictions: the tensor '{split}/{name}' is missing, or not of {type}.");
    }

    static T[] ToArray<T>(Tensor tensor) where T : unmanaged =>
        tensor.numel() == 0 ? [] : MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray();
}
