using System.Text.Encodings.Web;
using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// What a cache holds: the outputs of which teacher for which inputs. Every shard states it, and it is compared at
/// every opening, so that outputs of another teacher, for other inputs, or in another encoding are never taken for
/// these.
/// </summary>
public sealed record CacheIdentity
{
    internal static JsonSerializerOptions Format { get; } = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 8,
    };

    /// <summary>The teacher: what it is, with the hash of its weights or the version it states.</summary>
    public required string Teacher { get; init; }

    /// <summary>The teacher's inputs, from <see cref="InputsOf"/>.</summary>
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>What was done to the numbers that were read, by the data and by the teacher's own front end.</summary>
    public required string Normalization { get; init; }

    /// <summary>The augmentation of the training examples, as the recipe has it.</summary>
    public required string Augmentation { get; init; }

    /// <summary>V: the number of views of each example.</summary>
    public required int Views { get; init; }

    /// <inheritdoc cref="IDataSplit.ViewSeed"/>
    public required long ViewSeed { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string Data { get; init; }

    /// <summary>N: examples of the training split.</summary>
    public required int Examples { get; init; }

    /// <summary>The encoding of numbers: <c>float16</c>, <c>top-k 10</c>.</summary>
    public required string Codec { get; init; }

    /// <summary>The outputs of each example, in the order of a record.</summary>
    public required IReadOnlyList<CachedOutput> Outputs { get; init; }

    /// <summary>Whether no list has a null in it: the JSON reader lets that pass.</summary>
    internal bool IsWhole => Inputs.All(input => input is not null && !input.Axes.Contains(null!))
        && Outputs.All(output => output is not null);

    /// <summary>The teacher's inputs without their normalization, which <see cref="Normalization"/> states.</summary>
    public static IReadOnlyList<TensorSpec> InputsOf(DatasetInfo data) =>
        [.. data.ForTeacher.Inputs.Select(input => input with { Normalization = null })];

    /// <summary>SHA-256 over all of it; lower-case hexadecimal.</summary>
    public string Fingerprint() =>
        FileHash.Sha256(JsonSerializer.SerializeToUtf8Bytes(this, Format));

    /// <summary>The first thing that differs, as the end of a sentence; null where nothing does.</summary>
    public string? Difference(CacheIdentity wanted)
    {
        foreach (var (mine, other) in Fields().Zip(wanted.Fields()))
            if (mine.Value != other.Value) return $"its {mine.Name} is {mine.Value}, and {other.Value} is wanted";
        return null;
    }

    IEnumerable<(string Name, string Value)> Fields() =>
    [
        ("teacher", Teacher),
        ("data's hash", Data),
        ("number of examples", Invariant($"{Examples}")),
        ("list of inputs", string.Join(", ", Inputs.Select(Text))),
        ("normalization", Normalization),
        ("augmentation", Augmentation),
        ("number of views", Invariant($"{Views}")),
        ("seed of the views", Invariant($"{ViewSeed}")),
        ("codec", Codec),
        ("list of outputs", string.Join(", ", Outputs)),
    ];

    static string Text(TensorSpec input)
    {
        var varying = input.Axes.Where(axis => axis.Size is null);
        return $"{input}{string.Concat(varying.Select(axis => $" ({axis.Name} up to {axis.MaxSize})"))}";
    }
}
