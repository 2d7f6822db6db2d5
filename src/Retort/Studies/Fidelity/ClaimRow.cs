using System.Text.Json.Serialization;

namespace Retort.Studies.Fidelity;

/// <summary>
/// One line of <c>rows.jsonl</c>: the measurements of one arm of a claim's grid with one seed. Shares are fractions,
/// the other figures nats.
/// </summary>
public sealed record ClaimRow
{
    /// <summary>F1 to F13.</summary>
    public required string Claim { get; init; }

    /// <summary>The arm of the grid.</summary>
    public required string Arm { get; init; }

    /// <summary>The number that is varied, where it is one; otherwise the arm's index in the grid.</summary>
    public required double X { get; init; }

    /// <summary>The pair's seed.</summary>
    public required int Seed { get; init; }

    /// <summary>The student's folder in <c>networks</c>.</summary>
    public required string Student { get; init; }

    /// <summary>Its teachers' folders.</summary>
    public required IReadOnlyList<string> Teachers { get; init; }

    /// <summary>
    /// The measurements of teacher and student on test and on the distillation data; null where a training failed.
    /// </summary>
    [JsonPropertyName("figures")]
    public RowFigures? Found { get; init; }

    /// <summary>The measurements of a row whose trainings succeeded.</summary>
    [JsonIgnore]
    public RowFigures Figures
    {
        get => Found ?? throw new InvalidOperationException(Invariant(
            $"{Claim}, \"{Arm}\", seed {Seed}: there are no figures; a training failed."));
        init => Found = value;
    }

    /// <summary>
    /// The student of an independent teacher, compared with this row's teacher; a row without it cannot be judged.
    /// </summary>
    public RowControl? Control { get; init; }

    /// <summary>
    /// The first of teacher, student and control whose loss stopped being finite; its <c>config.json</c> says where.
    /// Such a row has neither figures nor a control.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failed { get; init; }
}
