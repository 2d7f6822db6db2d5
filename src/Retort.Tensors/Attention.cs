namespace Retort.Tensors;

/// <summary>
/// Scaled dot-product attention of Transformers (Vaswani et al. 2017, arXiv:1706.03762, Eq. 1) among the tokens of each
/// text. B texts, H heads, T tokens, D numbers a head.
/// </summary>
public static class Attention
{
    const double Excluded = -1e9;                                           // added to a score: its exponential is 0

    /// <summary>
    /// The attention probabilities softmax(q kᵀ / √D) over the real tokens; padding has a probability of exactly 0.
    /// [B, H, T, D], [B, H, T, D], [B, T] bool → [B, H, T, T]
    /// </summary>
    /// <param name="query">q</param>
    /// <param name="key">k</param>
    /// <param name="mask">True at tokens, false at padding.</param>
    public static Tensor Probabilities(Tensor query, Tensor key, Tensor mask)
    {
        CheckMask(query, mask);
        var scaled = query.Times(1 / Math.Sqrt(query.size(-1)));
        var tokens = mask.Unsqueeze(1).Unsqueeze(1);                        // [B, 1, 1, T]
        var bias = tokens.MaskToWeights(ScalarType.Float32).Add(-1).Where(tokens, Excluded);
        return scaled.MatMul(key.Transpose()).Add(bias).Softmax();
    }

    /// <summary>
    /// The attention probabilities softmax(q kᵀ / √D) over all tokens. [B, H, T, D], [B, H, T, D] → [B, H, T, T]
    /// </summary>
    /// <param name="query">q</param>
    /// <param name="key">k</param>
    public static Tensor Probabilities(Tensor query, Tensor key) =>
        query.Times(1 / Math.Sqrt(query.size(-1))).MatMul(key.Transpose()).Softmax();

    /// <summary>
    /// The mean of the values, weighted by probabilities. [B, H, T, T], [B, H, T, D] → [B, H, T, D]
    /// </summary>
    /// <param name="probabilities">The attention probabilities.</param>
    /// <param name="value">v</param>
    /// <param name="dropout">The share of probabilities to drop in training; 0 in inference.</param>
    public static Tensor Weighted(Tensor probabilities, Tensor value, double dropout = 0) =>
        (dropout > 0 ? probabilities.Dropout(dropout, training: true) : probabilities).MatMul(value);

    /// <summary>
    /// <see cref="Weighted"/> by <see cref="Probabilities(Tensor, Tensor, Tensor)"/>.
    /// [B, H, T, D], [B, H, T, D], [B, H, T, D], [B, T] bool → [B, H, T, D]
    /// </summary>
    /// <remarks>
    /// libtorch's fused kernel takes half the time on a CPU (32 texts of 64 tokens, 4 heads of 64: 2.1 ms for 4.1, with
    /// gradient 8 ms for 14). It has no dropout: with dropout libtorch takes the steps one by one and is no faster than
    /// the operators, which a recorder sees.
    /// </remarks>
    public static Tensor Apply(Tensor query, Tensor key, Tensor value, Tensor mask, double dropout = 0)
    {
        if (dropout > 0 || Recorder.Current is not null)
            return Weighted(Probabilities(query, key, mask), value, dropout);

        CheckMask(query, mask);
        using var tokens = mask.unsqueeze(1).unsqueeze_(1);                 // [B, 1, 1, T]
        return nn.functional.scaled_dot_product_attention(query, key, value, tokens, p: 0, is_casual: false);
    }

    /// <summary>
    /// The same over all tokens, of texts or images without padding.
    /// [B, H, T, D], [B, H, T, D], [B, H, T, D] → [B, H, T, D]
    /// </summary>
    public static Tensor Apply(Tensor query, Tensor key, Tensor value)
    {
        if (Recorder.Current is not null) return Weighted(Probabilities(query, key), value);

        Shape.Check(
            (query, "B H T D", "Attention's query"), (key, "B H T D", "its key"), (value, "B H T D", "its value"));
        return nn.functional.scaled_dot_product_attention(query, key, value);
    }

    static void CheckMask(Tensor query, Tensor mask)
    {
        if (mask.dtype != ScalarType.Bool) throw new ArgumentException(
            $"Attention: the mask must be bool, true at tokens; {mask.dtype} came.");
        Shape.Check((query, "B H T D", "Attention's query"), (mask, "B T", "its mask"));
    }
}
