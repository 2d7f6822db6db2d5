using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <remarks>Losses over examples: the mean over the first axis, the sum over the classes.</remarks>
public static partial class Functional
{
    /// <summary>
    /// Mean over the labelled examples of -log softmax(logits)[label]; a label of -1 is unknown and counts for nothing.
    /// 0 where none is known. [B, C], [B] → []
    /// </summary>
    /// <param name="logits">[B, C]</param>
    /// <param name="labels">[B] int64</param>
    /// <param name="labelled">How many of the labels are known.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, int labelled) =>
        functional.cross_entropy(logits.AtLeastFloat32(), labels, ignore_index: -1, reduction: Reduction.Sum).Over(Math.Max(labelled, 1));

    /// <summary>
    /// Mean over the labelled examples of -Σ t log softmax(logits), where t is the example's weight b at its label and
    /// (1 - b) / (C - 1) at each other class; b = 1 is the cross-entropy. 0 where no label is known. [B, C], [B], [B] → []
    /// </summary>
    /// <param name="logits">[B, C]</param>
    /// <param name="labels">[B] int64, -1 where unknown.</param>
    /// <param name="weights">b, from 0 to 1. [B]</param>
    /// <param name="labelled">How many of the labels are known.</param>
    public static Tensor SmoothedCrossEntropy(Tensor logits, Tensor labels, Tensor weights, int labelled)
    {
        Shape.Check((logits, "B C", "SmoothedCrossEntropy's logits"), (labels, "B", "its labels"), (weights, "B", "its weights"));
        var logP = logits.LogSoftmax();                                    // [B, C]
        using var zero = 0L.ToScalar();
        var known = labels.ge(zero).to(logP.dtype);                        // [B]
        var right = logP.AtLabels(labels.clamp(min: zero));                // [B]
        var others = logP.sum(1L).Minus(right).Over(Math.Max(logits.size(1) - 1, 1));
        var gain = weights.mul(right).Plus(weights.neg().Plus(1).mul(others));
        return gain.mul(known).sum().Over(-Math.Max(labelled, 1));
    }

    /// <summary>KL(p ‖ q): mean over examples of Σ p (log p - log q), where 0 log 0 is 0. [B, C], [B, C] → []</summary>
    /// <param name="p">Probabilities, usually the teacher's.</param>
    /// <param name="logQ">Log-probabilities, usually the student's.</param>
    public static Tensor KlDivergence(Tensor p, Tensor logQ)
    {
        Shape.CheckSame(p, logQ, "Divergence");
#pragma warning disable RS0030 // the one place that may: target, its form and the reduction are all said
        return functional.kl_div(logQ.AtLeastFloat32(), p.AtLeastFloat32(), log_target: false, reduction: Reduction.Sum).Over(Examples(p));
#pragma warning restore RS0030
    }

    /// <summary>Mean over examples of -Σ p log q; the divergence and p's own entropy together. [B, C], [B, C] → []</summary>
    public static Tensor SoftCrossEntropy(Tensor p, Tensor logQ)
    {
        Shape.CheckSame(p, logQ, "SoftCrossEntropy");
        return p.AtLeastFloat32().mul(logQ.AtLeastFloat32()).sum().Over(-Examples(p));
    }

    /// <summary>Mean over examples of -Σ p log p, where 0 log 0 is 0. [B, C] → []</summary>
    public static Tensor Entropy(Tensor p) => special.entr(p.AtLeastFloat32()).sum().Over(Examples(p));

    /// <summary>
    /// ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q) / 2, between 0 and log 2; the mean over examples. [B, C], [B, C] → []
    /// </summary>
    public static Tensor JensenShannon(Tensor p, Tensor q)
    {
        Shape.CheckSame(p, q, "JensenShannon");
        var middle = p.AtLeastFloat32().Plus(q.AtLeastFloat32()).Scaled(0.5);
        return Entropy(middle).Minus(Entropy(p).Plus(Entropy(q)).Scaled(0.5));
    }

    /// <summary>
    /// Mean over examples and classes of -(y log σ(z) + (1 - y) log(1 - σ(z))), for classes that do not exclude each
    /// other. [B, C], [B, C] → []
    /// </summary>
    /// <param name="targets">y, from 0 to 1.</param>
    /// <param name="logits">z.</param>
    public static Tensor BinaryCrossEntropy(Tensor targets, Tensor logits)
    {
        Shape.CheckSame(targets, logits, "BinaryCrossEntropy");
        return functional.binary_cross_entropy_with_logits(logits.AtLeastFloat32(), targets.AtLeastFloat32());
    }

    /// <summary>Mean square of the difference. any shape → []</summary>
    public static Tensor MeanSquaredError(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "SquaredError");
        return functional.mse_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean size of the difference. any shape → []</summary>
    public static Tensor MeanAbsoluteError(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "AbsoluteError");
        return functional.l1_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean of ½ d² where the difference d is at most 1, else of |d| - ½ (Huber). any shape → []</summary>
    public static Tensor SmoothL1(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "SmoothError");
        return functional.smooth_l1_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean over examples of 1 - cosine. [.., D], [.., D] → []</summary>
    public static Tensor CosineDistance(Tensor target, Tensor x) => CosineSimilarity(target, x).mean().neg().Plus(1);

    /// <summary>
    /// Mean over examples of -log softmax of its row at the diagonal: each must find its own partner among all. [N, N] → []
    /// </summary>
    /// <param name="scores">Usually cosines divided by a temperature.</param>
    public static Tensor InfoNce(Tensor scores)
    {
        Shape.Check((scores, "N N", "PartnerCrossEntropy's scores"));
        return scores.LogSoftmax().diagonal().mean().neg();
    }

    static double Examples(Tensor x) => Math.Max(x.Dimensions == 0 ? 1 : x.size(0), 1);
}
