using System.Text.Json.Serialization;

namespace Retort.Studies.Fidelity;

/// <summary>The outcome of a claim.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClaimOutcome>))]
public enum ClaimOutcome
{
    /// <summary>The study has no rows of it.</summary>
    [JsonStringEnumMemberName("notRun")]
    NotRun,

    /// <summary>Every check passed.</summary>
    [JsonStringEnumMemberName("held")]
    Held,

    /// <summary>A check failed.</summary>
    [JsonStringEnumMemberName("notHeld")]
    NotHeld,
}

/// <summary>One criterion of a claim.</summary>
/// <param name="Criterion">What must be seen.</param>
/// <param name="Measured">What was.</param>
/// <param name="Passed">Whether it is enough.</param>
public sealed record ClaimCheck(string Criterion, string Measured, bool Passed);

/// <summary>One step of a claim's grid over all seeds.</summary>
/// <param name="Arm">Its name.</param>
/// <param name="X">The number that was changed, where it is one; else the place in the grid.</param>
/// <param name="Figures">By name, in the order of tables.</param>
public sealed record ArmFigures(string Arm, double X, IReadOnlyDictionary<string, SeedStatistics> Figures);

/// <summary>A claim with its figures.</summary>
public sealed record Judgement
{
    /// <summary>F1 to F13.</summary>
    public required string Id { get; init; }

    /// <summary>What the paper says.</summary>
    public required string Says { get; init; }

    /// <summary>The setting it was run in; null where it was not run.</summary>
    public string? Setting { get; init; }

    /// <summary>Whether it is so here.</summary>
    public required ClaimOutcome Outcome { get; init; }

    /// <summary>The outcome as people read it: held, not held, not run.</summary>
    [JsonIgnore]
    public string Word => Outcome switch
    {
        ClaimOutcome.Held => "held",
        ClaimOutcome.NotHeld => "not held",
        _ => "not run",
    };

    /// <summary>Criterion by criterion.</summary>
    public IReadOnlyList<ClaimCheck> Checks { get; init; } = [];

    /// <summary>Step by step; the control among the figures.</summary>
    public IReadOnlyList<ArmFigures> Arms { get; init; } = [];
}
