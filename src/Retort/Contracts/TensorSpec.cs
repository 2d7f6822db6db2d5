using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>Element types of inputs.</summary>
[JsonConverter(typeof(EnumNameConverter<TensorType>))]
public enum TensorType
{
    /// <summary>32-bit floating point: pixels, features, samples.</summary>
    [JsonStringEnumMemberName("float32")] Float32,

    /// <summary>64-bit integers: token ids, masks.</summary>
    [JsonStringEnumMemberName("int64")] Int64,

    /// <summary>True or false.</summary>
    [JsonStringEnumMemberName("bool")] Bool,
}

/// <summary>One axis of an input.</summary>
/// <param name="Name">What it counts: channels, height, width, sequence, samples, features.</param>
/// <param name="Size">Null where it varies: a batch is then as long as its longest example, the rest is padding.</param>
/// <param name="MaxSize">The largest size of an axis that varies.</param>
public sealed record TensorAxis(string Name, long? Size, long? MaxSize = null)
{
    /// <summary>Its size, or the largest that it can have.</summary>
    [JsonIgnore]
    public long Most => Size ?? MaxSize ?? throw new InvalidOperationException(
        $"The axis \"{Name}\" varies and no largest size is known.");
}

/// <summary>
/// One input of a network: its name as Hugging Face and ONNX graphs call it, its element type and its axes without the
/// batch. A batch holds any number of inputs.
/// </summary>
public sealed record TensorSpec
{
    /// <summary><c>pixel_values</c>, <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c>,
    /// <c>input_values</c>, <c>input_features</c>, <c>features</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The element type.</summary>
    public TensorType Type { get; init; }

    /// <summary>The axes, without the batch.</summary>
    public required IReadOnlyList<TensorAxis> Axes { get; init; }

    /// <summary>What was done to the numbers that were read; null where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Normalization? Normalization { get; init; }

    /// <summary>Whether a size varies from batch to batch.</summary>
    [JsonIgnore]
    public bool Varies => Axes.Any(axis => axis.Size is null);

    /// <summary>The shape of one example where nothing varies, else of the largest.</summary>
    [JsonIgnore]
    public long[] Shape => [.. Axes.Select(axis => axis.Most)];

    /// <summary>Numbers of one example, of the largest where sizes vary.</summary>
    [JsonIgnore]
    public long Count => Axes.Aggregate(1L, (product, axis) => checked(product * axis.Most));

    /// <summary>Pictures: <c>pixel_values</c> [C, H, W] float32.</summary>
    public static TensorSpec PixelValues(long channels, long height, long width) => new()
    {
        Name = InputNames.PixelValues,
        Axes = [new("channels", channels), new("height", height), new("width", width)],
    };

    /// <summary>A table's columns: <c>features</c> [D] float32.</summary>
    public static TensorSpec Features(long count) =>
        new() { Name = InputNames.Features, Axes = [new("features", count)] };

    /// <summary>Any float32 input of fixed sizes; images and tables get their axes' usual names.</summary>
    public static TensorSpec Float32(string name, params ReadOnlySpan<long> shape)
    {
        if (shape.Length == 3) return PixelValues(shape[0], shape[1], shape[2]) with { Name = name };
        if (shape.Length == 1) return Features(shape[0]) with { Name = name };

        var axes = new List<TensorAxis>();
        foreach (var size in shape) axes.Add(new(FormattableString.Invariant($"axis{axes.Count + 1}"), size));
        return new() { Name = name, Axes = axes };
    }

    /// <summary>Token numbers of varying length: int64 [sequence].</summary>
    public static TensorSpec Tokens(string name, long longest) =>
        new() { Name = name, Type = TensorType.Int64, Axes = [new(OutputKey.Sequence, null, longest)] };

    /// <summary>Zeros of this input; an axis that varies has <paramref name="varying"/> entries. [batch, axes]</summary>
    public Tensor Example(long batch, long varying = 8)
    {
        long[] shape = [batch, .. Axes.Select(axis => axis.Size ?? Math.Min(varying, axis.MaxSize ?? varying))];
        return TorchSharp.torch.zeros(shape, dtype: Type switch
        {
            TensorType.Float32 => TorchSharp.torch.ScalarType.Float32,
            TensorType.Int64 => TorchSharp.torch.ScalarType.Int64,
            _ => TorchSharp.torch.ScalarType.Bool,
        });
    }

    /// <summary>As messages show it: <c>input_ids int64 [N, sequence]</c>.</summary>
    public override string ToString()
    {
        var sizes = Axes.Select(axis => axis.Size is { } size ? FormattableString.Invariant($"{size}") : axis.Name);
        return $"{Name} {Type.ToString().ToLowerInvariant()} [{string.Join(", ", sizes.Prepend("N"))}]";
    }

    /// <inheritdoc/>
    public bool Equals(TensorSpec? other) => other is not null && Name == other.Name && Type == other.Type
        && Axes.SequenceEqual(other.Axes) && Equals(Normalization, other.Normalization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Axes.Count);
}

/// <summary>How Hugging Face and ONNX graphs call inputs.</summary>
public static class InputNames
{
    /// <summary>Pictures. [B, C, H, W] float32</summary>
    public const string PixelValues = "pixel_values";

    /// <summary>A table's columns. [B, D] float32</summary>
    public const string Features = "features";

    /// <summary>Token numbers. [B, T] int64</summary>
    public const string InputIds = "input_ids";

    /// <summary>1 where a token is real, 0 where it is padding. [B, T] int64</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>Which of two texts a token is of. [B, T] int64</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>A waveform. [B, samples] float32</summary>
    public const string InputValues = "input_values";

    /// <summary>A spectrogram. [B, frames, bands] float32</summary>
    public const string InputFeatures = "input_features";
}
