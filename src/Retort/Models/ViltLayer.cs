namespace Retort.Models;

/// <summary>
/// x + attention of its norm, then + two linear layers of the norm of that. Its second result are the attention
/// probabilities, null where they are not wanted. [B, T, D], [B, T] bool → [B, T, D], [B, H, T, T]
/// </summary>
sealed class ViltLayer : torch.nn.Module<Tensor, Tensor, bool, (Tensor Hidden, Tensor? Attention)>
{
    readonly ViltAttention attention;
    readonly BertIntermediate intermediate;
    readonly ViltOutput output;
    readonly LayerNorm layernorm_before;
    readonly LayerNorm layernorm_after;

    public ViltLayer(BertSizes sizes) : base(nameof(ViltLayer))
    {
        attention = new(sizes);
        intermediate = new(sizes);
        output = new(sizes.InnerWidth, sizes);
        layernorm_before = new(sizes.Width, sizes.Epsilon);
        layernorm_after = new(sizes.Width, sizes.Epsilon);
        RegisterComponents();
    }

    public override (Tensor Hidden, Tensor? Attention) forward(Tensor x, Tensor mask, bool withAttention)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var (mixed, probabilities) = attention.call(layernorm_before.call(x), mask, withAttention);
        var y = x.Add(mixed);
        var result = y.Add(output.call(intermediate.call(layernorm_after.call(y))));
        return (result.MoveToOuterDisposeScope(), probabilities?.MoveToOuterDisposeScope());
    }
}

/// <summary>Attention with a linear layer after it.</summary>
sealed class ViltAttention : torch.nn.Module<Tensor, Tensor, bool, (Tensor Mixed, Tensor? Probabilities)>
{
    readonly BertSelfAttention attention;
    readonly ViltOutput output;

    public ViltAttention(BertSizes sizes) : base(nameof(ViltAttention))
    {
        attention = new(sizes);
        output = new(sizes.Width, sizes);
        RegisterComponents();
    }

    public override (Tensor Mixed, Tensor? Probabilities) forward(Tensor x, Tensor mask, bool withAttention)
    {
        var (mixed, probabilities) = attention.call(x, mask, withAttention);
        return (output.call(mixed), probabilities);
    }
}

/// <summary>Dropout of a linear layer. [B, T, I] → [B, T, D]</summary>
sealed class ViltOutput : torch.nn.Module<Tensor, Tensor>
{
    readonly Linear dense;
    readonly double _dropout;

    public ViltOutput(long from, BertSizes sizes) : base(nameof(ViltOutput))
    {
        _dropout = sizes.Dropout;
        dense = new(from, sizes.Width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => dense.call(x).DropoutIf(training, _dropout);
}

/// <summary>
/// The classifier of answers: a linear layer of twice the width, a norm and GELU, then a linear layer. Parameter names
/// are the positions in a PyTorch Sequential. [B, 2D] → [B, C]
/// </summary>
sealed class ViltClassifier : torch.nn.Module<Tensor, Tensor>
{
    const double Epsilon = 1e-5;

    readonly (Linear First, LayerNorm Norm, Linear? Last) _layers;          // a field of a module's type names it

    /// <param name="width">D.</param>
    /// <param name="last">The last layer; null where the data has no classes.</param>
    public ViltClassifier(long width, Linear? last) : base(nameof(ViltClassifier))
    {
        _layers = (new(width, 2 * width), new(2 * width, Epsilon), last);
        register_module("0", _layers.First);
        register_module("1", _layers.Norm);
        if (last is not null) register_module("3", last);
    }

    /// <summary>This, or null where the data has no classes.</summary>
    public ViltClassifier? OrNone => _layers.Last is null ? null : this;

    /// <summary>The vector before the last layer. [B, D] → [B, 2D]</summary>
    public Tensor Embed(Tensor pooled) => _layers.Norm.call(_layers.First.call(pooled)).Gelu();

    public override Tensor forward(Tensor embedding) => _layers.Last!.call(embedding);
}
