using System.Text.Json.Nodes;

namespace Retort.Recipes;

/// <summary>Some values of any kind.</summary>
public sealed record ChoiceOptions : SearchedOptions
{
    /// <summary>The values that are tried.</summary>
    [NotEmpty("value")] public required IReadOnlyList<JsonNode> Values { get; init; }

    internal override IReadOnlyList<JsonNode> Grid => Values;

    internal override JsonNode Draw(ref RandomStream random) => Values[random.NextInt(Values.Count)];
}
