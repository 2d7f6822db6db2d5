using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <remarks>Losses: the mean over the first axis, the sum over the classes.</remarks>
public static partial class Functional
{
    /// <summary>
    /// Mean over the labelled examples of -log softmax(logits)[label]; 0 if no label is known. [B, C], [B] → []
    /// </summary>
    /// <param name="logits">[B, C]</param>
    /// <param name="labels">[B] int64, -1 where unknown.</param>
    /// <param name="labelled">How many labels are known.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, int labelled)
    {
        var sum = functional.cross_entropy(
            logits.AtLeastFloat32(), labels, ignore_index: -1, reduction: Reduction.Sum);
        return sum.Over(Math.Max(labelled, 1));
    }

    /// <summary>
    /// Mean over the labelled examples of -Σ t log softmax(logits), where t is b at the label and (1 - b) / (C - 1) at
    /// each other class; with b = 1 this is the cross-entropy. 0 if no label is known. [B, C], [B], [B] → []
    /// </summary>
    /// <param name="logits">[B, C]</param>
    /// <param name="labels">[B] int64, -1 where unknown.</param>
    /// <param name="weights">b of each example, from 0 to 1. [B]</param>
    /// <param name="labelled">How many labels are known.</param>
    public static Tensor SmoothedCrossEntropy(Tensor logits, Tensor labels, Tensor weights, int labelled)
    {
        Shape.Check(
            (logits, "B C", "SmoothedCrossEntropy's logits"), (labels, "B", "its labels"),
            (weights, "B", "its weights"));
        using var zero = 0L.ToScalar();
        var logP = logits.LogSoftmax();                                    // [B, C]
        var known = labels.ge(zero).to(logP.dtype);                        // [B]
        var atLabel = logP.AtLabels(labels.clamp(min: zero));              // [B]
        var atOthers = logP.sum(1L).Minus(atLabel).Over(Math.Max(logits.size(1) - 1, 1));
        var logLikelihood = weights.mul(atLabel).Plus(weights.neg().Plus(1).mul(atOthers));
        return logLikelihood.mul(known).sum().Over(-Math.Max(labelled, 1));
    }

    /// <summary>KL(p ‖ q): mean over examples of Σ p (log p - log q), with 0 log 0 = 0. [B, C], [B, C] → []</summary>
    /// <param name="p">Probabilities, usually the teacher's.</param>
    /// <param name="logQ">Log-probabilities, usually the student's.</param>
    public static Tensor KlDivergence(Tensor p, Tensor logQ)
    {
        Shape.CheckSame(p, logQ, "KlDivergence");
#pragma warning disable RS0030 // banned for its defaults; here all arguments are explicit
        var sum = functional.kl_div(
            logQ.AtLeastFloat32(), p.AtLeastFloat32(), log_target: false, reduction: Reduction.Sum);
#pragma warning restore RS0030
        return sum.Over(ExampleCount(p));
    }

    /// <summary>
    /// Mean over examples of -Σ p log q: the KL divergence plus the entropy of p. [B, C], [B, C] → []
    /// </summary>
    public static Tensor SoftCrossEntropy(Tensor p, Tensor logQ)
    {
        Shape.CheckSame(p, logQ, "SoftCrossEntropy");
        return p.AtLeastFloat32().mul(logQ.AtLeastFloat32()).sum().Over(-ExampleCount(p));
    }

    /// <summary>Mean over examples of -Σ p log p, with 0 log 0 = 0. [B, C] → []</summary>
    public static Tensor Entropy(Tensor p) => special.entr(p.AtLeastFloat32()).sum().Over(ExampleCount(p));

    /// <summary>
    /// Mean over examples of ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q) / 2, between 0 and log 2. [B, C], [B, C] → []
    /// </summary>
    public static Tensor JensenShannon(Tensor p, Tensor q)
    {
        Shape.CheckSame(p, q, "JensenShannon");
        var mean = p.AtLeastFloat32().Plus(q.AtLeastFloat32()).Scaled(0.5);
        return Entropy(mean).Minus(Entropy(p).Plus(Entropy(q)).Scaled(0.5));
    }

    /// <summary>
    /// Mean over examples and classes of -(y log σ(z) + (1 - y) log(1 - σ(z))), for multi-label targets.
    /// [B, C], [B, C] → []
    /// </summary>
    /// <param name="targets">y, from 0 to 1.</param>
    /// <param name="logits">z.</param>
    public static Tensor BinaryCrossEntropy(Tensor targets, Tensor logits)
    {
        Shape.CheckSame(targets, logits, "BinaryCrossEntropy");
        return functional.binary_cross_entropy_with_logits(logits.AtLeastFloat32(), targets.AtLeastFloat32());
    }

    /// <summary>Mean of d², the squared difference. Any shape → []</summary>
    public static Tensor MeanSquaredError(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "MeanSquaredError");
        return functional.mse_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean of |d|, the absolute difference. Any shape → []</summary>
    public static Tensor MeanAbsoluteError(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "MeanAbsoluteError");
        return functional.l1_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean of ½ d² where |d| is at most 1, else of |d| - ½ (Huber). Any shape → []</summary>
    public static Tensor SmoothL1(Tensor target, Tensor x)
    {
        Shape.CheckSame(target, x, "SmoothL1");
        return functional.smooth_l1_loss(x.AtLeastFloat32(), target.AtLeastFloat32());
    }

    /// <summary>Mean over examples of 1 - cosine similarity. [.., D], [.., D] → []</summary>
    public static Tensor CosineDistance(Tensor target, Tensor x) => CosineSimilarity(target, x).mean().neg().Plus(1);

    /// <summary>
    /// InfoNCE: mean over rows of -log softmax at the diagonal, where each example's positive is. [N, N] → []
    /// </summary>
    /// <param name="scores">Usually cosine similarities divided by a temperature.</param>
    public static Tensor InfoNce(Tensor scores)
    {
        Shape.Check((scores, "N N", "InfoNce's scores"));
        return scores.LogSoftmax().diagonal().mean().neg();
    }

    static double ExampleCount(Tensor x) => Math.Max(x.Dimensions == 0 ? 1 : x.size(0), 1);
}
