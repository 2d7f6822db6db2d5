namespace Retort.Models;

/// <summary>
/// x + attention of its norm, then + two linear layers of the norm of that. [B, T, D] → [B, T, D]
/// </summary>
sealed class VitBlock : Module
{
    /// <summary>ε of the layer normalizations.</summary>
    public const double Epsilon = 1e-6;

    readonly LayerNorm norm1;
    readonly VitAttention attn;
    readonly LayerNorm norm2;
    readonly VitMlp mlp;

    public VitBlock(VitOptions options) : base(nameof(VitBlock))
    {
        var size = options.HiddenSize;
        norm1 = new(size, Epsilon);
        attn = new(size, options.Heads);
        norm2 = new(size, Epsilon);
        mlp = new(size, options.IntermediateSize ?? 4 * size);
        RegisterComponents();
    }

    /// <summary>The result, and the attention probabilities where they are wanted.</summary>
    public (Tensor Result, Tensor? Probabilities) Run(Tensor x, bool wantsProbabilities)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var (attended, probabilities) = attn.Run(norm1.call(x), wantsProbabilities);
        var y = x.Add(attended);
        return (y.Add(mlp.call(norm2.call(y))).MoveToOuterDisposeScope(), probabilities?.MoveToOuterDisposeScope());
    }
}

/// <summary>Attention of heads among all tokens. [B, T, D] → [B, T, D]</summary>
sealed class VitAttention : Module
{
    readonly Linear qkv;
    readonly Linear proj;
    readonly long _heads;

    public VitAttention(long size, long heads) : base(nameof(VitAttention))
    {
        _heads = heads;
        qkv = new(size, 3 * size);
        proj = new(size, size);
        RegisterComponents();
    }

    /// <summary>The result, and the probabilities [B, H, T, T] where they are wanted.</summary>
    public (Tensor Result, Tensor? Probabilities) Run(Tensor x, bool wantsProbabilities)
    {
        var (batch, tokens, size) = (x.size(0), x.size(1), x.size(2));
        var all = qkv.call(x);                                              // [B, T, 3D]
        var (query, key, value) = (Heads(0), Heads(1), Heads(2));
        var probabilities = wantsProbabilities ? Attention.Probabilities(query, key) : null;
        var mean = probabilities is null ? Attention.Apply(query, key, value)
            : Attention.Weighted(probabilities, value);                     // [B, H, T, D / H]
        return (proj.call(mean.Transpose(1, 2).Reshape(batch, tokens, size)), probabilities);

        Tensor Heads(long index) => all.Slice(2, index * size, (index + 1) * size)
            .Reshape(batch, tokens, _heads, size / _heads).Transpose(1, 2);
    }
}

/// <summary>Two linear layers with GELU between them. [B, T, D] → [B, T, D]</summary>
sealed class VitMlp : torch.nn.Module<Tensor, Tensor>
{
    readonly Linear fc1;
    readonly Linear fc2;

    public VitMlp(long size, long inside) : base(nameof(VitMlp))
    {
        fc1 = new(size, inside);
        fc2 = new(inside, size);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).Gelu());
}
