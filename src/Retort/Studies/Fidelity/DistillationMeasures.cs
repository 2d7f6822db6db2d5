using Retort.Runs;
using Retort.Training;
using Retort.Recipes;
using Retort.Report;
using Retort.Runtime.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// <c>distillation.json</c>: a trained student compared with its teacher on the student's distillation data, both in
/// eval mode.
/// </summary>
sealed record DistillationMeasures
{
    /// <summary>Examples shown.</summary>
    public required int Shown { get; init; }

    public required double Agreement { get; init; }
    public required double Kl { get; init; }

    /// <summary>The distillation loss at the student's τ, its floor, and what lies between.</summary>
    public required double Loss { get; init; }

    public required double Floor { get; init; }
    public required double Excess { get; init; }

    /// <summary>Linear CKA of each stage, on test; empty where the two have no stages to be compared.</summary>
    public IReadOnlyList<double> Cka { get; init; } = [];

    const int AlignedExamples = 500;                                       // their Gram matrix is this large

    /// <summary>
    /// Teacher and student compute on the same tensors; figures are means over rows, so batch sizes do not matter.
    /// </summary>
    public static DistillationMeasures Of(
        IEnumerable<HostBatch> showings, ITeacher teacher, Network student, double temperature)
    {
        var (theirs, own, rows) = (new List<float>(), new List<float>(), 0);
        foreach (var prepared in showings)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var batch = prepared.ToBatch();
            theirs.AddRange(teacher.Forward(batch, Output.Logits).Logits.ToFloatArray());
            own.AddRange(student.Forward(batch.Inputs, Output.Logits).Logits.ToFloatArray());
            rows += batch.Count;
        }
        var (t, s, classes) = (theirs.ToArray(), own.ToArray(), own.Count / rows);
        var (loss, floor, excess) = TeacherAgreement.Loss(t, s, classes, temperature);
        return new()
        {
            Shown = rows, Agreement = TeacherAgreement.Agreement(t, s, classes),
            Kl = TeacherAgreement.KlDivergence(t, s, classes), Loss = loss, Floor = floor, Excess = excess,
        };
    }

    /// <summary>
    /// Linear CKA between the stages of two networks (Kornblith et al., arXiv:1905.00414); of a feature map, the mean
    /// of each channel is used. Empty for ensembles, and where the two differ in their number of stages.
    /// </summary>
    public static IReadOnlyList<double> Alignment(IDataSplit part, ITeacher teacher, Network student)
    {
        if (!teacher.AvailableOutputs.Contains(Output.HiddenStates)
            || !student.AvailableOutputs.Contains(Output.HiddenStates))
            return [];
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var prepared = new HostBatch();
        part.Load([.. Enumerable.Range(0, Math.Min(AlignedExamples, part.Count))], View.Plain, prepared);
        var batch = prepared.ToBatch();
        var (theirs, own) = (
            teacher.Forward(batch, Output.HiddenStates).HiddenStates,
            student.Forward(batch.Inputs, Output.HiddenStates).HiddenStates);
        return theirs.Count != own.Count
            ? []
            : [.. theirs.Zip(own, (one, other) => (double)LinearCka(Rows(one), Rows(other)).ToSingle())];

        // [N, C, H, W] → [N, C]
        static Tensor Rows(Tensor stage) => stage.Dimensions > 2 ? stage.flatten(2).mean([2]) : stage;
    }
}
