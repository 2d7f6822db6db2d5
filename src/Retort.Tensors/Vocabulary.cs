using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Retort.Tensors;

/// <summary>Words papers are written in.</summary>
public static class Vocabulary
{
    extension(Tensor x)
    {
        /// <summary>Rows divided by their length. [.., D] → [.., D]</summary>
        public Tensor UnitRows() => x / (x.square().sum(-1, keepdim: true) + 1e-12).sqrt();

        /// <summary>The diagonal at -1e9, so that its odds are 0. [N, N] → [N, N]</summary>
        public Tensor WithoutSelf() => x.masked_fill(eye(x.shape[^1], dtype: ScalarType.Bool, device: x.device), -1e9);
    }

    /// <summary>
    /// Mean over the labelled examples of -log softmax(logits)[label]; a label of -1 is unknown and counts for nothing.
    /// 0 where none is known. [B, C], [B] → []
    /// </summary>
    /// <param name="logits">[B, C]</param>
    /// <param name="labels">[B] int64</param>
    /// <param name="labelled">How many of the labels are known.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, int labelled) =>
        functional.cross_entropy(logits, labels, ignore_index: -1, reduction: Reduction.Sum) / Math.Max(labelled, 1);

    /// <summary>Mean over examples of Σ p (log p - log q). [B, C], [B, C] → []</summary>
    public static Tensor Divergence(Tensor p, Tensor logQ) =>
        functional.kl_div(logQ, p, log_target: false, reduction: Reduction.Sum) / p.shape[0];

    /// <summary>Mean over examples of -Σ p log q. [B, C], [B, C] → []</summary>
    public static Tensor SoftCrossEntropy(Tensor p, Tensor logQ) => -(p * logQ).sum(-1).mean();

    /// <summary>Mean square of the difference. any shape → []</summary>
    public static Tensor SquaredError(Tensor target, Tensor x) => (x - target).square().mean();
}
