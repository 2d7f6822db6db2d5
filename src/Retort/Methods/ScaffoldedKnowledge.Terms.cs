using static Retort.Methods.ScaffoldedKnowledgeOptions;

namespace Retort.Methods;

/// <remarks>This file: the terms as functions. g is the help of each example, [B].</remarks>
public sealed partial class ScaffoldedKnowledge
{
    const double LeastHelp = 1e-30;                     // at 0 the logarithm has no gradient

    /// <summary>
    /// Mean over examples of −Σ t log(s + g), less the entropy of t: KL(t ‖ s) where g is 0.
    /// [B, C], [B, C], [B] → []
    /// </summary>
    /// <param name="t">The teacher's probabilities.</param>
    /// <param name="logS">The student's log-probabilities.</param>
    /// <param name="help">g.</param>
    internal static Tensor Divergence(Tensor t, Tensor logS, Tensor help) =>
        ScaffoldedCrossEntropy(t, logS, help).Subtract(Entropy(t));

    /// <summary>Mean over examples of −Σ t log(s + g). [B, C], [B, C], [B] → []</summary>
    internal static Tensor ScaffoldedCrossEntropy(Tensor t, Tensor logS, Tensor help)
    {
        Shape.Check((t, "B C", "the teacher's probabilities"), (logS, "B C", "the student's log-probabilities"),
            (help, "B", "the help"));
        var logG = (help.requires_grad ? help.Add(LeastHelp) : help).Log().unsqueeze(1);           // [B, 1]
        return SoftCrossEntropy(t, logS.logaddexp(logG));
    }

    /// <summary>
    /// Mean over examples of log(1 + K g), the logarithm of the sum of s + g over K classes. [B] → []
    /// </summary>
    internal static Tensor Normalizer(Tensor help, int classes) => help.Times(classes).log1p().mean();

    /// <summary>
    /// The classes of the released form's target: the teacher's K most probable ones and the label.
    /// [B, C], [B] int64 → [B, C] bool
    /// </summary>
    /// <param name="teacherLogits">z_t.</param>
    /// <param name="classes">The labels; the teacher's class where one is unknown.</param>
    /// <param name="topK">K.</param>
    internal static Tensor Mask(Tensor teacherLogits, Tensor classes, int topK)
    {
        var count = teacherLogits.size(1);
        var top = teacherLogits.topk((int)Math.Min(topK, count)).indexes;                           // [B, K]
        var chosen = torch.cat([top, classes.unsqueeze(1)], 1);                                     // [B, K + 1]
        return chosen.OneHot(count).sum(1L).to(torch.ScalarType.Bool);                              // [B, C]
    }

    /// <summary>
    /// The released form's target: the softmax of the teacher's logits at its temperature, in which the masked logits
    /// are replaced, and then 0 at the masked classes. It sums to less than 1. [B, C], [B, C] bool → [B, C]
    /// </summary>
    internal static Tensor MaskedTarget(Tensor teacherLogits, Tensor mask, double temperature, MaskedLogits masked)
    {
        var z = teacherLogits.AtLeastFloat32();
        var weights = mask.to(z.dtype);                                                             // [B, C]
        var tempered = z.Times(1 / temperature).Times(weights);
        if (masked == MaskedLogits.RowMinimum)                                     // not divided by the temperature
            tempered = tempered.Add(z.amin([1], keepdim: true).Times(weights.neg().Add(1)));
        return tempered.Softmax().Times(weights);
    }

    /// <summary>
    /// The class of each example's hardness: the label, or the teacher's class where it is unknown or wanted.
    /// [B], [B, C] → [B] int64
    /// </summary>
    internal static Tensor ClassesOf(Tensor labels, Tensor teacherLogits, HardnessClass hardness)
    {
        var ofTeacher = teacherLogits.argmax(1);
        if (hardness == HardnessClass.Teacher) return ofTeacher;

        using var zero = 0L.ToScalar();
        return torch.where(labels.ge(zero), labels, ofTeacher);
    }

    /// <summary>
    /// Each example's hardness: −log softmax(z_s) at a class, at temperature 1 and without gradient, clipped.
    /// [B, C], [B] int64 → [B]
    /// </summary>
    internal static Tensor HardnessOf(Tensor studentLogits, Tensor classes, double most)
    {
        var hardness = studentLogits.detach().LogSoftmax().AtLabels(classes).neg();
        return hardness.Subtract(hardness.Add(-most).Relu());                                       // min(c, most)
    }

    /// <summary>
    /// What of the budget is used: Σ g c over the batch's size, or over the student's errors, at least 1.
    /// [B], [B] → []
    /// </summary>
    internal static Tensor Used(Tensor help, Tensor hardness, double divisor) =>
        help.Times(hardness).sum().Times(1 / Math.Max(divisor, 1));

    /// <summary>R: what exceeds the budget, at least 0. [] → []</summary>
    internal static Tensor Excess(Tensor used, double budget) => used.Add(-budget).Relu();

    /// <summary>How many examples with a label the student predicts wrongly. [B, C], [B] int64</summary>
    internal static int Errors(Tensor studentLogits, Tensor labels)
    {
        var (predicted, expected) = (studentLogits.argmax(1).ToLongArray(), labels.ToLongArray());
        return predicted.Zip(expected).Count(pair => pair.Second >= 0 && pair.First != pair.Second);
    }
}
