using System.Runtime.InteropServices;
using Retort.Tensors.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Predictions in a safetensors file: several splits under their names.</summary>
public static class PredictionsFile
{
    /// <summary>The file of a network's predictions on validation and test.</summary>
    public const string Name = "predictions.safetensors";

    /// <summary>The same with the weights of the last epoch.</summary>
    public const string LastEpochName = "predictions-last.safetensors";

    /// <summary>The file of a network's predictions on the labelled training examples: split <c>training</c>.</summary>
    public const string TrainingName = "predictions-training.safetensors";

    /// <summary>Writes splits under their names (<c>validation</c>, <c>test</c>) into one file.</summary>
    public static void Write(string path, params IReadOnlyList<(string Split, Predictions Predictions)> splits)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (split, one) in splits)
        {
            tensors[$"{split}/{one.Output}"] = one.Values.ToTensor(one.Count, one.Width);
            tensors[$"{split}/labels"] = one.Labels.ToTensor(one.Count);
            tensors[$"{split}/ids"] = one.Ids.ToTensor(one.Count);
            if (one.Targets is { } targets)
                tensors[$"{split}/targets"] = targets.ToTensor(one.Count, targets.Length / Math.Max(one.Count, 1));
        }
        SafeTensors.Write(path, tensors);
    }

    /// <summary>Reads one split.</summary>
    /// <exception cref="InvalidDataException">It is not there, or its tensors do not fit each other.</exception>
    public static Predictions Read(string path, string split)
    {
        using var scope = NewDisposeScope();
        var tensors = SafeTensors.Read(path);
        var key = Output.All.FirstOrDefault(key => tensors.ContainsKey($"{split}/{key.Name}"))
            ?? throw new InvalidDataException($"{path} has no predictions of the split \"{split}\".");
        var (values, labels, ids) = (Found(key.Name, ScalarType.Float32), Found("labels", ScalarType.Int64),
            Found("ids", ScalarType.Int64));
        var targets = tensors.ContainsKey($"{split}/targets") ? Found("targets", ScalarType.Float32) : null;
        var rows = ids.numel();
        if (rows == 0 || values.Dimensions != 2 || values.shape[0] != rows || labels.numel() != rows
            || targets is { } known && (known.Dimensions != 2 || known.shape[0] != rows))
            throw new InvalidDataException(FormattableString.Invariant($"{path}: {split} must have a row of {key.Name}, ")
                + FormattableString.Invariant($"a label and an id for each example; it has {values.numel()} values, ")
                + FormattableString.Invariant($"{labels.numel()} labels, {rows} ids."));
        return new()
        {
            Output = key.Name, Values = Numbers<float>(values), Width = (int)values.shape[1],
            Labels = Numbers<long>(labels), Ids = Numbers<long>(ids),
            Targets = targets is null ? null : Numbers<float>(targets),
        };

        Tensor Found(string what, ScalarType type) =>
            tensors.TryGetValue($"{split}/{what}", out var tensor) && tensor.dtype == type ? tensor
            : throw new InvalidDataException(
                $"{path} holds no predictions: the tensor '{split}/{what}' is missing, or not of {type}.");
    }

    static T[] Numbers<T>(Tensor tensor) where T : unmanaged =>
        tensor.numel() == 0 ? [] : MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray();
}
