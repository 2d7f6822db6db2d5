using System.Text.Json;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Studies.Fidelity;

/// <summary>The files of a study's networks.</summary>
static class StudyFolder
{
    /// <summary>A network's folder.</summary>
    public static string Of(string run, string name) => Path.Combine(run, "networks", name);

    /// <summary>Whether the training of a network failed: its <c>config.json</c> says where and why.</summary>
    public static bool HasFailed(string run, string name) => SavedNetwork.IsIn(Of(run, name))
        && NetworkFiles.ReadConfig(Of(run, name)).Diverged is not null;

    /// <summary>The measurements of a student on its distillation data.</summary>
    public static DistillationMeasures ReadMeasures(string run, string student) => JsonFile.Read<DistillationMeasures>(
        MeasuresPath(Of(run, student)), "what a student does on its distillation data");

    /// <summary>Writes the measurements of a student on its distillation data into its folder.</summary>
    public static void WriteMeasures(string folder, DistillationMeasures measures) =>
        Write(MeasuresPath(folder), measures);

    /// <summary>Whether the control of a student was measured on the student's distillation data.</summary>
    public static bool HasControlMeasures(string run, PlannedStudent planned) => File.Exists(ControlPath(run, planned));

    /// <summary>
    /// The measurements of a student's control on the student's distillation data; null without them.
    /// </summary>
    public static DistillationMeasures? ReadControlMeasures(string run, PlannedStudent planned) =>
        !HasControlMeasures(run, planned) ? null : JsonFile.Read<DistillationMeasures>(
            ControlPath(run, planned), "what a control does on a student's distillation data");

    /// <summary>Writes the measurements of a student's control into the student's folder.</summary>
    public static void WriteControlMeasures(string run, PlannedStudent planned, DistillationMeasures measures) =>
        Write(ControlPath(run, planned), measures);

    static string MeasuresPath(string folder) => Path.Combine(folder, "distillation.json");

    static string ControlPath(string run, PlannedStudent planned) =>
        Path.Combine(Of(run, planned.Student), $"{planned.Control}.json");

    static void Write(string path, DistillationMeasures measures) =>
        AtomicFile.Write(path, JsonSerializer.Serialize(measures, Json.Line) + "\n");
}
