namespace Retort.Models;

/// <summary>
/// One layer: attention, then two linear layers with GELU between them, each with a residual and a norm after it. Its
/// second result are the attention probabilities, null where they are not wanted. [B, T, D], [B, T] bool → [B, T, D],
/// [B, H, T, T]
/// </summary>
sealed class BertLayer : torch.nn.Module<Tensor, Tensor, bool, (Tensor Hidden, Tensor? Attention)>
{
    readonly BertAttention attention;
    readonly BertIntermediate intermediate;
    readonly BertResidual output;

    public BertLayer(BertSizes sizes) : base(nameof(BertLayer))
    {
        attention = new(sizes);
        intermediate = new(sizes);
        output = new(sizes.InnerWidth, sizes);
        RegisterComponents();
    }

    public override (Tensor Hidden, Tensor? Attention) forward(Tensor x, Tensor mask, bool withAttention)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var (mixed, probabilities) = attention.call(x, mask, withAttention);
        var result = output.call(intermediate.call(mixed), mixed);
        return (result.MoveToOuterDisposeScope(), probabilities?.MoveToOuterDisposeScope());
    }
}

/// <summary>Attention with a residual and a norm.</summary>
sealed class BertAttention : torch.nn.Module<Tensor, Tensor, bool, (Tensor Mixed, Tensor? Probabilities)>
{
    readonly BertSelfAttention self;
    readonly BertResidual output;

    public BertAttention(BertSizes sizes) : base(nameof(BertAttention))
    {
        self = new(sizes);
        output = new(sizes.Heads * sizes.HeadWidth, sizes);
        RegisterComponents();
    }

    public override (Tensor Mixed, Tensor? Probabilities) forward(Tensor x, Tensor mask, bool withAttention)
    {
        var (mixed, probabilities) = self.call(x, mask, withAttention);
        return (output.call(mixed, x), probabilities);
    }
}

/// <summary>Attention with several heads: each token's value becomes a mean of all tokens' values.</summary>
sealed class BertSelfAttention : torch.nn.Module<Tensor, Tensor, bool, (Tensor Mixed, Tensor? Probabilities)>
{
    readonly Linear query;
    readonly Linear key;
    readonly Linear value;
    readonly long _heads;
    readonly long _headWidth;
    readonly double _dropout;

    public BertSelfAttention(BertSizes sizes) : base(nameof(BertSelfAttention))
    {
        (_heads, _headWidth, _dropout) = (sizes.Heads, sizes.HeadWidth, sizes.AttentionDropout);
        query = new(sizes.Width, _heads * _headWidth);
        key = new(sizes.Width, _heads * _headWidth);
        value = new(sizes.Width, _heads * _headWidth);
        RegisterComponents();
    }

    public override (Tensor Mixed, Tensor? Probabilities) forward(Tensor x, Tensor mask, bool withAttention)
    {
        var (batch, length) = (x.size(0), x.size(1));
        var (q, k, v) = (Heads(query.call(x)), Heads(key.call(x)), Heads(value.call(x)));
        var dropout = training ? _dropout : 0;
        var probabilities = withAttention ? Attention.Probabilities(q, k, mask) : null;
        var mixed = probabilities is null
            ? Attention.Apply(q, k, v, mask, dropout)
            : Attention.Weighted(probabilities, v, dropout);
        return (mixed.Transpose(1, 2).Reshape(batch, length, _heads * _headWidth), probabilities);

        Tensor Heads(Tensor y) => y.Reshape(batch, length, _heads, _headWidth).Transpose(1, 2);     // [B, H, T, D/H]
    }
}

/// <summary>A linear layer and GELU. [B, T, D] → [B, T, I]</summary>
sealed class BertIntermediate : torch.nn.Module<Tensor, Tensor>
{
    readonly Linear dense;

    public BertIntermediate(BertSizes sizes) : base(nameof(BertIntermediate))
    {
        dense = new(sizes.Width, sizes.InnerWidth);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => dense.call(x).Gelu();
}

/// <summary>norm(residual + dropout(linear layer of x)). [B, T, I], [B, T, D] → [B, T, D]</summary>
sealed class BertResidual : torch.nn.Module<Tensor, Tensor, Tensor>
{
    readonly Linear dense;
    readonly LayerNorm LayerNorm;
    readonly double _dropout;

    public BertResidual(long from, BertSizes sizes) : base(nameof(BertResidual))
    {
        _dropout = sizes.Dropout;
        dense = new(from, sizes.Width);
        LayerNorm = new(sizes.Width, sizes.Epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor residual) =>
        LayerNorm.call(dense.call(x).DropoutIf(training, _dropout).Add(residual));
}

/// <summary>Dropout that leaves no trace in inference.</summary>
static class BertDropout
{
    extension(Tensor x)
    {
        /// <summary>Dropout in training; x itself otherwise.</summary>
        public Tensor DropoutIf(bool training, double probability) =>
            training && probability > 0 ? x.Dropout(probability, training: true) : x;
    }
}
