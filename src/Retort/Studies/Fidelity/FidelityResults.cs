using System.Text.Json.Nodes;

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

/// <summary>The outcome of the claims.</summary>
/// <param name="Sentence">For a person.</param>
/// <param name="Held">The claims that hold here.</param>
/// <param name="NotHeld">Those that do not.</param>
/// <param name="NotRun">Those that the study does not have.</param>
public sealed record FidelityVerdict(
    string Sentence, IReadOnlyList<string> Held, IReadOnlyList<string> NotHeld, IReadOnlyList<string> NotRun)
{
    internal static FidelityVerdict Of(IReadOnlyList<Judgement> claims)
    {
        var (held, notHeld, notRun) = (Ids(ClaimOutcome.Held), Ids(ClaimOutcome.NotHeld), Ids(ClaimOutcome.NotRun));
        List<string> parts = [];
        foreach (var (word, ids) in new[] { ("held", held), ("not held", notHeld), ("not run", notRun) })
            if (ids.Count > 0) parts.Add($"{word}: {string.Join(", ", ids)}");
        return new(string.Join("; ", parts), held, notHeld, notRun);

        IReadOnlyList<string> Ids(ClaimOutcome outcome) =>
            [.. claims.Where(claim => claim.Outcome == outcome).Select(claim => claim.Id)];
    }
}
