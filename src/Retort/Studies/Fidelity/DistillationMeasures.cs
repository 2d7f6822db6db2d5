using Retort.Runtime.Metrics;
using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// <c>distillation.json</c>: a student compared with its teacher on its distillation data, after training, both in eval
/// mode.
/// </summary>
sealed record DistillationMeasures
{
    /// <summary>The number of examples.</summary>
    public required int Compared { get; init; }

    public required double Agreement { get; init; }
    public required double Kl { get; init; }

    /// <summary>The distillation loss at the student's τ.</summary>
    public required double Loss { get; init; }

    /// <summary>The lowest possible loss.</summary>
    public required double Floor { get; init; }

    /// <summary>Loss minus floor.</summary>
    public required double Excess { get; init; }

    /// <summary>Linear CKA of each stage, on test; empty where the two have no stages to compare.</summary>
    public IReadOnlyList<double> Cka { get; init; } = [];

    const int CkaExamples = 500;                                           // the rows and columns of the Gram matrix

    /// <summary>
    /// Compares student and teacher on the same batches. All figures are sums over rows, so the batch size does not
    /// matter.
    /// </summary>
    public static DistillationMeasures Of(
        IEnumerable<HostBatch> batches, ITeacher teacher, Network student, double temperature)
    {
        List<float> teacherValues = [], studentValues = [];
        var rows = 0;
        foreach (var hostBatch in batches)
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var batch = hostBatch.ToBatch();
            teacherValues.AddRange(teacher.Forward(batch, Output.Logits).Logits.ToFloatArray());
            studentValues.AddRange(student.Forward(batch.Inputs, Output.Logits).Logits.ToFloatArray());
            rows += batch.Count;
        }
        float[] t = [.. teacherValues], s = [.. studentValues];
        var classes = s.Length / rows;
        var (loss, floor, excess) = TeacherAgreement.Loss(t, s, classes, temperature);
        return new()
        {
            Compared = rows,
            Agreement = TeacherAgreement.Agreement(t, s, classes),
            Kl = TeacherAgreement.KlDivergence(t, s, classes),
            Loss = loss,
            Floor = floor,
            Excess = excess,
        };
    }

    /// <summary>
    /// The linear CKA of the stages of two networks (Kornblith et al., arXiv:1905.00414); of a map it takes the mean of
    /// each channel. Empty for ensembles, and where the two have different numbers of stages.
    /// </summary>
    public static IReadOnlyList<double> StageCka(IDataSplit split, ITeacher teacher, Network student)
    {
        if (!teacher.AvailableOutputs.Contains(Output.HiddenStates)
            || !student.AvailableOutputs.Contains(Output.HiddenStates)) return [];

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var hostBatch = new HostBatch();
        split.Load([.. Enumerable.Range(0, Math.Min(CkaExamples, split.Count))], View.Plain, hostBatch);
        var batch = hostBatch.ToBatch();
        var teacherStages = teacher.Forward(batch, Output.HiddenStates).HiddenStates;
        var studentStages = student.Forward(batch.Inputs, Output.HiddenStates).HiddenStates;
        if (teacherStages.Count != studentStages.Count) return [];

        return
        [
            .. teacherStages.Zip(studentStages, (one, other) => (double)LinearCka(Rows(one), Rows(other)).ToSingle()),
        ];

        // [N, C, H, W] → [N, C]
        static Tensor Rows(Tensor stage) => stage.Dimensions > 2 ? stage.flatten(2).mean([2]) : stage;
    }
}
