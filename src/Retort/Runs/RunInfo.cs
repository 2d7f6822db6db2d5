using System.Text.Json.Nodes;

namespace Retort.Runs;

/// <summary><c>run.json</c>: what a run is made from. Written once at its start; a resumed run must match it.</summary>
public sealed record RunInfo
{
    /// <summary>The recipe with every default filled in.</summary>
    public required JsonNode Recipe { get; init; }

    /// <summary>The recipe's name: its file name without the ending.</summary>
    public required string RecipeName { get; init; }

    /// <summary>SHA-256 of the resolved recipe.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>What a report calls the data.</summary>
    public required string DataName { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string DataHash { get; init; }

    /// <summary>Examples in training, labelled, validation, test.</summary>
    public required SplitSizes Examples { get; init; }

    /// <summary>The seeds that are reported.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Intra-op threads of each training; another count changes the last bits, so it is kept on resume.</summary>
    public required int Threads { get; init; }

    /// <summary>The same of the teacher's training.</summary>
    public int TeacherThreads { get; init; } = 1;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Program, engine, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }
}

/// <summary>How many examples each part of the data has.</summary>
public sealed record SplitSizes(int Training, int Labelled, int Validation, int Test);
