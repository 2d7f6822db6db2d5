using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Teachers.Cache;

/// <summary>One signal as it is kept, for one example.</summary>
/// <param name="Name"><c>logits</c>, <c>embedding</c>, or <c>hidden_states.0</c>, <c>hidden_states.1</c>, …</param>
/// <param name="Shape">Without the batch: [C] of logits, [C, H, W] of a stage.</param>
public sealed record CachedOutput(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>Numbers an example.</summary>
    internal int Width => Shape.Aggregate(1, (product, axis) => checked(product * axis));

    /// <summary>The output.</summary>
    internal OutputKey Key => Output.Named(Name)
        ?? throw new InvalidDataException($"A cache cannot hold \"{Name}\": no output has this name.");

    /// <summary>The layer, from 0; 0 for an output that is no list.</summary>
    internal int Layer => Name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot
        ? int.Parse(Name.AsSpan(dot + 1), System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary><c>logits</c>, <c>hidden_states.2</c>.</summary>
    internal static string NameOf(OutputKey key, int layer) =>
        key.PerLayer ? FormattableString.Invariant($"{key.Name}.{layer}") : key.Name;

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// Whose answers to what a cache holds. It stands in every shard and is compared at every opening: answers of another
/// teacher, to other pictures, or kept in another way are never taken for these.
/// </summary>
public sealed record CacheIdentity
{
    internal static JsonSerializerOptions Format { get; } = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 8,
    };

    /// <summary>Who answered: what it is, with the hash of its weights or the version it states.</summary>
    public required string Teacher { get; init; }

    /// <summary>What was done to the numbers that were read, by the data and by the teacher's own front end.</summary>
    public required string Normalization { get; init; }

    /// <summary>What was done to the training examples, as the recipe has it.</summary>
    public required string Augmentation { get; init; }

    /// <summary>V: how many showings of each example there are.</summary>
    public required int Views { get; init; }

    /// <inheritdoc cref="IDataSplit.ViewSeed"/>
    public required long ViewSeed { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string Data { get; init; }

    /// <summary>N: examples of the training part.</summary>
    public required int Examples { get; init; }

    /// <summary>How numbers are kept: <c>float16</c>, <c>top-k 10</c>.</summary>
    public required string Codec { get; init; }

    /// <summary>What is kept of each example, in the order of a record.</summary>
    public required IReadOnlyList<CachedOutput> Outputs { get; init; }

    /// <summary>SHA-256 over all of it; lower-case hexadecimal.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Format)));

    /// <summary>The first thing that differs, as the end of a sentence; null where nothing does.</summary>
    public string? Difference(CacheIdentity here)
    {
        var (mine, others) = (Facts().ToList(), here.Facts().ToList());
        for (var i = 0; i < mine.Count; i++)
            if (mine[i].Value != others[i].Value) return $"its {mine[i].Name} is {mine[i].Value}, and {others[i].Value} is wanted";
        return null;
    }

    IEnumerable<(string Name, string Value)> Facts() =>
    [
        ("teacher", Teacher), ("data's hash", Data), ("number of examples", Invariant($"{Examples}")), ("normalization", Normalization),
        ("augmentation", Augmentation), ("number of views", Invariant($"{Views}")), ("seed of the views", Invariant($"{ViewSeed}")),
        ("codec", Codec), ("list of signals", string.Join(", ", Outputs)),
    ];
}
