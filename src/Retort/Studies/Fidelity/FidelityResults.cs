using Retort.Training;
using Retort.Recipes;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;

namespace Retort.Studies.Fidelity;

/// <summary>What a fidelity study found: its <c>results.json</c>.</summary>
public sealed record FidelityResults
{
    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>What a report calls the data.</summary>
    public required string Data { get; init; }

    /// <inheritdoc cref="Dataset.Hash"/>
    public required string DataHash { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>How many networks were trained.</summary>
    public required int Networks { get; init; }

    /// <summary>In one sentence.</summary>
    public required FidelityVerdict Verdict { get; init; }

    /// <summary>F1 to F13, those that were not run among them.</summary>
    public required IReadOnlyList<Judgement> Claims { get; init; }

    /// <summary>Program, engine, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The study with every default filled in.</summary>
    public required JsonNode Recipe { get; init; }
}

/// <summary>What became of the claims.</summary>
/// <param name="Sentence">For a person.</param>
/// <param name="Held">Of the paper's claims, those that are so here.</param>
/// <param name="NotHeld">Those that are not.</param>
/// <param name="NotRun">Those of which nothing is known.</param>
public sealed record FidelityVerdict(string Sentence, IReadOnlyList<string> Held, IReadOnlyList<string> NotHeld, IReadOnlyList<string> NotRun)
{
    internal static FidelityVerdict Of(IReadOnlyList<Judgement> claims)
    {
        IReadOnlyList<string>[] ids = [Those(ClaimOutcome.Held), Those(ClaimOutcome.NotHeld), Those(ClaimOutcome.NotRun)];
        string[] words = ["held", "not held", "not run"];
        return new(string.Join("; ", ids.Zip(words).Where(pair => pair.First.Count > 0).Select(pair => $"{pair.Second}: {string.Join(", ", pair.First)}")), ids[0], ids[1], ids[2]);

        IReadOnlyList<string> Those(ClaimOutcome outcome) => [.. claims.Where(claim => claim.Outcome == outcome).Select(claim => claim.Id)];
    }
}
