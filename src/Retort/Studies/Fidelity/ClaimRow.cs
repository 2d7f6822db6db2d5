using Retort.Training;
using Retort.Recipes;
using System.Text.Json.Serialization;
using Retort.Report;
using Retort.Runs;

namespace Retort.Studies.Fidelity;

/// <summary>
/// One line of <c>rows.jsonl</c>: the figures of one step of a claim's grid with one seed. Accuracy, agreement and ECE
/// are fractions from 0 to 1; losses and divergences are in nats.
/// </summary>
public sealed record ClaimRow
{
    /// <summary>F1 to F13.</summary>
    public required string Claim { get; init; }

    /// <summary>The step of the grid.</summary>
    public required string Arm { get; init; }

    /// <summary>The number that was changed, where it is one; else the place in the grid.</summary>
    public required double X { get; init; }

    /// <summary>The pair's.</summary>
    public required int Seed { get; init; }

    /// <summary>The student's folder below <c>networks</c>.</summary>
    public required string Student { get; init; }

    /// <summary>Its teachers' folders.</summary>
    public required IReadOnlyList<string> Teachers { get; init; }

    /// <summary>Teacher and student on test and on the distillation data; null where a training failed.</summary>
    [JsonPropertyName("figures")]
    public RowFigures? Found { get; init; }

    /// <summary>The same, of a row whose trainings came to their end.</summary>
    [JsonIgnore]
    public RowFigures Figures
    {
        get => Found
            ?? throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"{Claim}, \"{Arm}\", seed {Seed}: there are no figures; a training failed."));
        init => Found = value;
    }

    /// <summary>
    /// The student of an independent teacher, compared with this row's teacher; a row without one cannot be judged.
    /// </summary>
    public RowControl? Control { get; init; }

    /// <summary>
    /// The first of teacher, student and control whose loss became NaN or infinite; its config.json says at which step.
    /// Such a row has neither figures nor control.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failed { get; init; }
}

/// <summary>What was measured of a student and its teacher.</summary>
public sealed record RowFigures
{
    public required double TeacherAccuracy { get; init; }
    public required double TeacherNll { get; init; }
    public required double TeacherEce { get; init; }
    public required double Accuracy { get; init; }
    public required double Nll { get; init; }
    public required double Ece { get; init; }

    /// <summary>On test.</summary>
    public required double Agreement { get; init; }

    /// <summary>On test.</summary>
    public required double Kl { get; init; }

    /// <summary>On the distillation data, shown anew, after training.</summary>
    public required double TrainAgreement { get; init; }

    /// <inheritdoc cref="TrainAgreement"/>
    public required double TrainKl { get; init; }

    /// <summary>The distillation loss at the student's τ, on the same showings.</summary>
    public required double Loss { get; init; }

    /// <summary>What the loss cannot fall below: τ² H of the teacher.</summary>
    public required double Floor { get; init; }

    /// <summary>Loss less floor, computed as τ² KL, so that its digits are its own.</summary>
    public required double Excess { get; init; }

    /// <summary>
    /// Linear CKA of each stage with the teacher's, on test; empty for ensembles and for other architectures.
    /// </summary>
    public required IReadOnlyList<double> Cka { get; init; }
}

/// <summary>
/// The independent student s′ of an independent teacher t′, by the identical recipe (arXiv:2106.05945, §3).
/// </summary>
/// <param name="Student">Its folder.</param>
/// <param name="Accuracy">Its own.</param>
/// <param name="Agreement">With the row's teacher, which it never saw.</param>
/// <param name="Kl">From the row's teacher.</param>
public sealed record RowControl(string Student, double Accuracy, double Agreement, double Kl)
{
    /// <summary>
    /// Agreement with the row's teacher on the row's distillation data, on the same batches; null in the rows of claims
    /// that are decided on test, and in studies that did not measure it yet.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainAgreement { get; init; }

    /// <summary>Its loss less floor, there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Excess { get; init; }
}
