using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tensors;

/// <remarks>Tokens: every word asks for the mask, true where a token is one and false where it is padding.</remarks>
public static partial class Functional
{
    extension(Tensor x)
    {
        /// <summary>
        /// The tokens that are no padding, one after another; what stands in the padding, NaN included, reaches neither
        /// value nor gradient. [B, T, ..], [B, T] bool → [K, ..]
        /// </summary>
        public Tensor SelectTokens(Tensor mask)
        {
            CheckMask(x, mask, "SelectTokens");
            return x.index(mask);
        }

        /// <summary>softmax(x / T) over the last axis among what the mask keeps; the rest gets 0, and a row without any is uniform. [.., C] → [.., C]</summary>
        /// <param name="mask">bool, of a shape that broadcasts to x's.</param>
        /// <param name="temperature">T.</param>
        public Tensor MaskedSoftmax(Tensor mask, double temperature = 1) =>
            x.Tempered(temperature).Where(mask, -1e9).Softmax();

        /// <summary>The mean of each example's tokens; zeros for an example without any. [B, T, D], [B, T] bool → [B, D]</summary>
        public Tensor MeanTokens(Tensor mask)
        {
            CheckMask(x, mask, "MeanTokens");
            var counts = mask.MaskToWeights(x.dtype).Sum(1).AtLeastOne().Unsqueeze(1);      // [B, 1]
            return x.Where(mask.Unsqueeze(2), 0).Sum(1).DividedBy(counts);
        }
    }

    /// <summary>Mean over the kept numbers; 0 where none is kept. [B, T], [B, T] bool → []</summary>
    public static Tensor MaskedMean(Tensor x, Tensor mask)
    {
        var kept = x.SelectTokens(mask);
        return kept.AtLeastFloat32().sum().Over(Math.Max(kept.NumberOfElements, 1));
    }

    /// <summary>Mean over kept tokens of -log softmax(logits)[label]. [B, T, C], [B, T] int64, [B, T] bool → []</summary>
    public static Tensor TokenCrossEntropy(Tensor logits, Tensor labels, Tensor mask)
    {
        var kept = labels.SelectTokens(mask);
        return CrossEntropy(logits.SelectTokens(mask), kept, (int)kept.NumberOfElements);
    }

    /// <summary>Mean over kept tokens of KL(p ‖ q). [B, T, C], [B, T, C], [B, T] bool → []</summary>
    public static Tensor TokenKlDivergence(Tensor p, Tensor logQ, Tensor mask) => KlDivergence(p.SelectTokens(mask), logQ.SelectTokens(mask));

    /// <summary>Mean square of the difference over kept tokens. [B, T, D], [B, T, D], [B, T] bool → []</summary>
    public static Tensor TokenMeanSquaredError(Tensor target, Tensor x, Tensor mask)
    {
        Shape.CheckSame(target, x, "TokenSquaredError");
        var difference = x.SelectTokens(mask).AtLeastFloat32().Minus(target.SelectTokens(mask).AtLeastFloat32());                     // [K, D]
        return difference.square().sum().Over(Math.Max(difference.NumberOfElements, 1));
    }

    /// <summary>Mean over kept tokens of 1 - cosine. [B, T, D], [B, T, D], [B, T] bool → []</summary>
    public static Tensor TokenCosineDistance(Tensor target, Tensor x, Tensor mask)
    {
        var cosines = CosineSimilarity(target.SelectTokens(mask), x.SelectTokens(mask));                            // [K]
        return cosines.neg().Plus(1).sum().Over(Math.Max(cosines.NumberOfElements, 1));
    }

    static void CheckMask(Tensor x, Tensor mask, string word)
    {
        if (mask.dtype != ScalarType.Bool)
            throw new ArgumentException($"{word}: the mask must be bool, true where a token is one; {mask.dtype} came.");
        if (mask.Dimensions != 2 || x.Dimensions < 2 || mask.size(0) != x.size(0) || mask.size(1) != x.size(1))
            throw new ArgumentException($"{word}: the mask must be [B, T] of {Shape.Text(x.shape)}; {Shape.Text(mask.shape)} came.");
    }
}
