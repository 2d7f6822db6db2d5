using System.Text.Json.Serialization;

namespace Retort.Studies.Fidelity;

/// <summary>
/// The independent student s′ of an independent teacher t′, trained in the same way (arXiv:2106.05945, §3).
/// </summary>
/// <param name="Student">Its folder.</param>
/// <param name="Accuracy">Its accuracy.</param>
/// <param name="Agreement">Its agreement with the row's teacher, which is not its own.</param>
/// <param name="Kl">Its KL from the row's teacher.</param>
public sealed record RowControl(string Student, double Accuracy, double Agreement, double Kl)
{
    /// <summary>
    /// Its agreement with the row's teacher on the row's distillation data, on the same views. Null for claims that
    /// figures on test decide, and in studies of earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainAgreement { get; init; }

    /// <summary>Its loss minus floor there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Excess { get; init; }
}
