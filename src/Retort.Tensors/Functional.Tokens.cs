namespace Retort.Tensors;

/// <remarks>Tokens: each function takes a mask, true at tokens and false at padding.</remarks>
public static partial class Functional
{
    extension(Tensor x)
    {
        /// <summary>
        /// The tokens of all examples, without padding. What the padding holds, NaN included, affects neither values
        /// nor gradients. [B, T, ..], [B, T] bool → [K, ..]
        /// </summary>
        public Tensor SelectTokens(Tensor mask)
        {
            CheckMask(x, mask, "SelectTokens");
            return x.index(mask);
        }

        /// <summary>
        /// softmax(x / T) over the last axis where the mask is true, and 0 elsewhere. A row that is all masked gets
        /// equal values. [.., C] → [.., C]
        /// </summary>
        /// <param name="mask">bool, of a shape that broadcasts to x's.</param>
        /// <param name="temperature">T.</param>
        public Tensor MaskedSoftmax(Tensor mask, double temperature = 1) =>
            x.DivideByTemperature(temperature).Where(mask, -1e9).Softmax();

        /// <summary>
        /// Mean pooling: the mean over each example's tokens; zeros for an example without any.
        /// [B, T, D], [B, T] bool → [B, D]
        /// </summary>
        public Tensor MeanTokens(Tensor mask)
        {
            CheckMask(x, mask, "MeanTokens");
            var counts = mask.MaskToWeights(x.dtype).Sum(1).AtLeastOne().Unsqueeze(1);      // [B, 1]
            return x.Where(mask.Unsqueeze(2), 0).Sum(1).DividedBy(counts);
        }
    }

    /// <summary>Mean over the values where the mask is true; 0 if there are none. [B, T], [B, T] bool → []</summary>
    public static Tensor MaskedMean(Tensor x, Tensor mask)
    {
        var selected = x.SelectTokens(mask);                                                            // [K]
        return selected.AtLeastFloat32().sum().Over(Math.Max(selected.NumberOfElements, 1));
    }

    /// <summary>
    /// Mean over tokens of -log softmax(logits)[label]. [B, T, C], [B, T] int64, [B, T] bool → []
    /// </summary>
    public static Tensor TokenCrossEntropy(Tensor logits, Tensor labels, Tensor mask)
    {
        var selected = labels.SelectTokens(mask);                                                       // [K]
        return CrossEntropy(logits.SelectTokens(mask), selected, (int)selected.NumberOfElements);
    }

    /// <summary>Mean over tokens of KL(p ‖ q). [B, T, C], [B, T, C], [B, T] bool → []</summary>
    public static Tensor TokenKlDivergence(Tensor p, Tensor logQ, Tensor mask) =>
        KlDivergence(p.SelectTokens(mask), logQ.SelectTokens(mask));

    /// <summary>
    /// Mean over tokens and features of the squared difference. [B, T, D], [B, T, D], [B, T] bool → []
    /// </summary>
    public static Tensor TokenMeanSquaredError(Tensor target, Tensor x, Tensor mask)
    {
        Shape.CheckSame(target, x, "TokenMeanSquaredError");
        var selected = x.SelectTokens(mask).AtLeastFloat32();                                           // [K, D]
        var difference = selected.Minus(target.SelectTokens(mask).AtLeastFloat32());                    // [K, D]
        return difference.Squared().sum().Over(Math.Max(difference.NumberOfElements, 1));
    }

    /// <summary>Mean over tokens of 1 - cosine similarity. [B, T, D], [B, T, D], [B, T] bool → []</summary>
    public static Tensor TokenCosineDistance(Tensor target, Tensor x, Tensor mask)
    {
        var cosines = CosineSimilarity(target.SelectTokens(mask), x.SelectTokens(mask));                // [K]
        return cosines.neg().Plus(1).sum().Over(Math.Max(cosines.NumberOfElements, 1));
    }

    static void CheckMask(Tensor x, Tensor mask, string caller)
    {
        if (mask.dtype != ScalarType.Bool)
            throw new ArgumentException($"{caller}: the mask must be bool, true at tokens; {mask.dtype} came.");
        if (mask.Dimensions != 2 || x.Dimensions < 2 || mask.size(0) != x.size(0) || mask.size(1) != x.size(1))
            throw new ArgumentException(
                $"{caller}: the mask must be [B, T] of {Shape.Text(x.shape)}; {Shape.Text(mask.shape)} came.");
    }
}
