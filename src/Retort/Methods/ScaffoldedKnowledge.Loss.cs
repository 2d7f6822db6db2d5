using static Retort.Methods.ScaffoldedKnowledgeOptions;

namespace Retort.Methods;

/// <remarks>This file: what student and guide minimize.</remarks>
public sealed partial class ScaffoldedKnowledge
{
    /// <summary>The student's loss, with the help of a guide that does not learn from it.</summary>
    /// <param name="options">Form, temperatures and weights.</param>
    /// <param name="guide">g; null for KD, the scaffolded term with g = 0.</param>
    internal sealed class Loss(ScaffoldedKnowledgeOptions options, IGuide? guide) : DistillationLoss
    {
        public override RequiredOutputs Requires =>
            new(guide is GuideNetwork ? Output.Logits | Output.Embedding : Output.Logits, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student) => new()
        {
            ["labels"] = batch.CrossEntropy(student.Logits).Times(1 - options.SoftWeight),
            ["scaffolded"] = guide is null ? Kd(options, teacher.Logits, student.Logits)
                : Scaffolded(options, batch.Labels, (teacher.Logits, student.Logits), HelpOf(guide, batch, teacher)),
        };

        static Tensor HelpOf(IGuide guide, Batch batch, Outputs teacher)
        {
            using var frozen = torch.no_grad();
            return guide.Help(batch.Ids, EmbeddingOf(teacher));
        }
    }

    // w T_s T_t KL(t ‖ s)
    static Tensor Kd(ScaffoldedKnowledgeOptions options, Tensor teacherLogits, Tensor studentLogits) => KlDivergence(
        teacherLogits.Softmax(options.TemperatureOfTeacher), studentLogits.LogSoftmax(options.Temperature))
        .Times(options.SoftWeight * options.Temperature * options.TemperatureOfTeacher);

    /// <summary>The scaffolded term with its weight, by the form. [B], ([B, C], [B, C]), [B] → []</summary>
    internal static Tensor Scaffolded(
        ScaffoldedKnowledgeOptions options, Tensor labels, (Tensor Teacher, Tensor Student) logits, Tensor help)
    {
        var factor = options.SoftWeight * options.Temperature * options.TemperatureOfTeacher;
        var logS = logits.Student.LogSoftmax(options.Temperature);                                  // [B, C]
        if (options.Form == Objective.Paper)
            return Divergence(logits.Teacher.Softmax(options.TemperatureOfTeacher), logS, help).Times(factor);

        var mask = Mask(logits.Teacher, ClassesOf(labels, logits.Teacher, HardnessClass.Label), options.TopK);
        var t = MaskedTarget(logits.Teacher, mask, options.TemperatureOfTeacher, options.Masked);
        return ScaffoldedCrossEntropy(t, logS, help).Times(factor);
    }

    /// <summary>The guide's loss: the scaffolded term, what exceeds the budget, and the normalization.</summary>
    /// <param name="options">Form, temperatures and weights.</param>
    /// <param name="labels">-1 where unknown. [B] int64</param>
    /// <param name="logits">Of teacher and student, both [B, C].</param>
    /// <param name="help">g. [B]</param>
    /// <param name="limit">λ and δ.</param>
    internal static (Tensor Loss, Tensor Used) GuideLoss(ScaffoldedKnowledgeOptions options, Tensor labels,
        (Tensor Teacher, Tensor Student) logits, Tensor help, (double Penalty, double Budget) limit)
    {
        var classes = ClassesOf(labels, logits.Teacher, options.HardnessOf);
        var hardness = HardnessOf(logits.Student, classes, options.MaxHardness);                    // [B]
        var divisor = options.Form == Objective.Paper ? labels.size(0) : Errors(logits.Student, labels);
        var used = Used(help, hardness, divisor);                                                   // []
        var loss = Scaffolded(options, labels, logits, help)
            .Add(Excess(used, limit.Budget).Times(limit.Penalty));
        if (!options.Normalize) return (loss, used);

        var (count, factor) = options.Form == Objective.Paper
            ? ((int)logits.Teacher.size(1), options.Temperature * options.TemperatureOfTeacher)
            : (options.TopK, 1);                                        // the code does not scale this term by T²
        return (loss.Add(Normalizer(help, count).Times(options.SoftWeight * factor)), used);
    }

    static Tensor? EmbeddingOf(Outputs teacher) => teacher.Has(Output.Embedding) ? teacher.Embedding : null;
}
