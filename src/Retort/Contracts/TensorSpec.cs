using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>
/// One input of a network: its name as in Hugging Face and ONNX graphs, its element type, and its axes without the
/// batch. A batch has any number of inputs.
/// </summary>
public sealed record TensorSpec
{
    /// <summary><c>pixel_values</c>, <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c>,
    /// <c>input_values</c>, <c>input_features</c>, <c>features</c>,
    /// <c>observation</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The element type.</summary>
    public TensorType Type { get; init; }

    /// <summary>The axes, without the batch.</summary>
    public required IReadOnlyList<TensorAxis> Axes { get; init; }

    /// <summary>The normalization that was applied to the values read from the files; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Normalization? Normalization { get; init; }

    /// <summary>The number of token ids, of an input of token ids; null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Vocabulary { get; init; }

    /// <summary>Whether a size varies from batch to batch.</summary>
    [JsonIgnore]
    public bool Varies => Axes.Any(axis => axis.Size is null);

    /// <summary>The shape of one example; where sizes vary, of the largest.</summary>
    [JsonIgnore]
    public long[] Shape => [.. Axes.Select(axis => axis.Most)];

    /// <summary>The number of values in one example; where sizes vary, in the largest.</summary>
    [JsonIgnore]
    public long Count => Axes.Aggregate(1L, (product, axis) => checked(product * axis.Most));

    /// <summary>The element type in libtorch.</summary>
    internal torch.ScalarType TorchType => Type switch
    {
        TensorType.Float32 => torch.ScalarType.Float32,
        TensorType.Int64 => torch.ScalarType.Int64,
        _ => torch.ScalarType.Bool,
    };

    /// <summary>Images: <c>pixel_values</c> [C, H, W] float32.</summary>
    public static TensorSpec PixelValues(long channels, long height, long width) => new()
    {
        Name = InputNames.PixelValues,
        Axes = [new("channels", channels), new("height", height), new("width", width)],
    };

    /// <summary>Texts as the vectors of their words: <c>inputs_embeds</c> [T, D] float32.</summary>
    public static TensorSpec InputsEmbeds(long words, long width) => new()
    {
        Name = InputNames.InputsEmbeds,
        Axes = [new("words", words), new("width", width)],
    };

    /// <summary>The columns of a table: <c>features</c> [D] float32.</summary>
    public static TensorSpec Features(long count) =>
        new() { Name = InputNames.Features, Axes = [new("features", count)] };

    /// <summary>What a policy sees of an environment: <c>observation</c> [D] float32.</summary>
    public static TensorSpec Observation(long count) =>
        new() { Name = InputNames.Observation, Axes = [new("features", count)] };

    /// <summary>
    /// The spectrogram of a window of sound, an image of one channel: <c>input_features</c> [1, bins, frames] float32.
    /// </summary>
    public static TensorSpec InputFeatures(long bins, long frames) => new()
    {
        Name = InputNames.InputFeatures,
        Axes = [new("channels", 1), new("bins", bins), new("frames", frames)],
    };

    /// <summary>Any float32 input of fixed sizes; images and tables get their axes' usual names.</summary>
    public static TensorSpec Float32(string name, params ReadOnlySpan<long> shape)
    {
        if (shape.Length == 3) return PixelValues(shape[0], shape[1], shape[2]) with { Name = name };
        if (shape.Length == 1) return Features(shape[0]) with { Name = name };

        var axes = new List<TensorAxis>();
        foreach (var size in shape) axes.Add(new(Invariant($"axis{axes.Count + 1}"), size));
        return new() { Name = name, Axes = axes };
    }

    /// <summary>Token ids, or another whole number for each token: int64 [sequence], of varying length.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="longest">The number of tokens of the longest example.</param>
    /// <param name="vocabulary">The number of token ids; null for an input of other numbers.</param>
    public static TensorSpec Tokens(string name, long longest, int? vocabulary = null) => new()
    {
        Name = name,
        Type = TensorType.Int64,
        Axes = [new(OutputKey.Sequence, null, longest)],
        Vocabulary = vocabulary,
    };

    /// <summary>
    /// Zeros for this input; an axis that varies has <paramref name="varying"/> entries. [batch, axes]
    /// </summary>
    public Tensor Example(long batch, long varying = 8)
    {
        long[] shape = [batch, .. Axes.Select(axis => axis.Size ?? Math.Min(varying, axis.MaxSize ?? varying))];
        return torch.zeros(shape, dtype: TorchType);
    }

    /// <summary>Zeros of a batch with varying axes at their largest size; 8 where none is known.</summary>
    internal Tensor LongestExample(long batch) => Example(batch, Axes.Max(axis => axis.MaxSize) ?? 8);

    /// <summary>As messages show it: <c>input_ids int64 [N, sequence]</c>.</summary>
    public override string ToString()
    {
        var sizes = Axes.Select(axis => axis.Size is { } size ? Invariant($"{size}") : axis.Name);
        return $"{Name} {Type.ToString().ToLowerInvariant()} [{string.Join(", ", sizes.Prepend("N"))}]";
    }

    public bool Equals(TensorSpec? other) => other is not null && Name == other.Name && Type == other.Type
        && Vocabulary == other.Vocabulary && Axes.SequenceEqual(other.Axes)
        && Equals(Normalization, other.Normalization);

    public override int GetHashCode() => HashCode.Combine(Name, Type, Axes.Count);
}
