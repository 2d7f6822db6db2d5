using static TorchSharp.torch;

namespace Retort.Tasks;

/// <summary>Means over the targets that are known.</summary>
static class KnownMean
{
    /// <summary>
    /// The mean of an element-wise loss over the targets that are not NaN; 0 where all are NaN. [B, C] → []
    /// </summary>
    /// <param name="targets">NaN where unknown. [B, C]</param>
    /// <param name="loss">The loss of each target; NaN is replaced by 0. [B, C] → [B, C]</param>
    public static Tensor Of(Tensor targets, Func<Tensor, Tensor> loss)
    {
        using var missing = targets.isnan();
        var known = missing.logical_not().to(ScalarType.Float32);           // [B, C]
        var filled = where(missing, zeros_like(targets), targets);
        var count = Math.Max(known.sum().ToSingle(), 1.0);
        return loss(filled).mul(known).sum().Times(1 / count);
    }
}
