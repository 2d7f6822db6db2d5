using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Retort.Runs;

/// <summary>
/// <c>run.json</c>: what a run is made from. It is written once at the start; a resumed run must match it.
/// </summary>
public sealed record RunInfo
{
    /// <summary>The recipe with all defaults.</summary>
    public required JsonNode Recipe { get; init; }

    /// <summary>The recipe's name: its file name without the extension.</summary>
    public required string RecipeName { get; init; }

    /// <summary>SHA-256 of the resolved recipe.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>The name of the data in reports.</summary>
    public required string DataName { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string DataHash { get; init; }

    /// <summary>The number of examples in training, labelled, validation and test.</summary>
    public required SplitSizes Examples { get; init; }

    /// <inheritdoc cref="Dataset.Findings"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Finding>? DataFindings { get; init; }

    /// <summary>The seeds that are reported.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>
    /// Intra-op threads of each training. Another number changes the last bits, so a resumed run keeps it.
    /// </summary>
    public required int Threads { get; init; }

    /// <summary>Intra-op threads of the teacher's training.</summary>
    public int TeacherThreads { get; init; } = 1;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <inheritdoc cref="RunOptions.Extensions"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Extensions { get; init; }

    /// <summary>Versions of Retort, TorchSharp, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
}
