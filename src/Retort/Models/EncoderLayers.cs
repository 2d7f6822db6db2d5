namespace Retort.Models;

/// <summary>Layers of an encoder, one after another.</summary>
static class EncoderLayers
{
    /// <summary>The embedded tokens and each layer's result, and its attention probabilities where wanted.</summary>
    /// <param name="layers">[B, T, D], [B, T] bool, whether probabilities are wanted → [B, T, D], [B, H, T, T]</param>
    /// <param name="embedded">[B, T, D]</param>
    /// <param name="mask">[B, T] bool</param>
    /// <param name="withAttentions">Whether the attention probabilities are wanted.</param>
    public static (List<Tensor> Hidden, List<Tensor> Attentions) Run(
        IEnumerable<torch.nn.Module<Tensor, Tensor, bool, (Tensor Hidden, Tensor? Attention)>> layers,
        Tensor embedded, Tensor mask, bool withAttentions)
    {
        var hidden = new List<Tensor> { embedded };
        var attentions = new List<Tensor>();
        foreach (var layer in layers)
        {
            var (result, attention) = layer.call(hidden[^1], mask, withAttentions);
            hidden.Add(result);                                             // [B, T, D]
            if (attention is not null) attentions.Add(attention);           // [B, H, T, T]
        }
        return (hidden, attentions);
    }
}
