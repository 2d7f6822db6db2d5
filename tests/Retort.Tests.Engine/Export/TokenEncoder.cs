using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Retort.Tests.Export;

/// <summary>One layer of a transformer as BERT has it, and a mean over the tokens.</summary>
sealed class TokenEncoder : Network
{
    const int MaxLength = 12;

    /// <summary>Three classes; ids below 20 and mask of up to 12 tokens.</summary>
    public static DatasetInfo Info { get; } = new()
    {
        Classes = ["no", "yes", "maybe"],
        Inputs = [TensorSpec.Tokens("input_ids", MaxLength), TensorSpec.Tokens("attention_mask", MaxLength)],
    };

    /// <summary>Its outputs.</summary>
    public static OutputSet All =>
        Output.Logits | Output.Embedding | Output.HiddenStates | Output.Attentions | Output.TokenEmbeddings;

    /// <summary>A network in eval mode, always with the same weights.</summary>
    public static Network New()
    {
        manual_seed(3);
        var network = ModuleFactory.Create(() => new TokenEncoder());
        network.eval();
        return network;
    }

    readonly Retort.Tensors.Embedding words = new(20, 8);
    readonly Parameter positions = new(rand(MaxLength, 8));
    readonly Retort.Tensors.Linear query = new(8, 8), key = new(8, 8), value = new(8, 8), mixed = new(8, 8);
    readonly Retort.Tensors.Linear wide = new(8, 16), narrow = new(16, 8), classifier = new(8, 3);
    readonly Retort.Tensors.LayerNorm first = new(8), second = new(8);

    public TokenEncoder() : base(nameof(TokenEncoder)) => RegisterComponents();

    public override OutputSet AvailableOutputs => All;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var (batch, length) = (inputs.InputIds.shape[0], inputs.InputIds.shape[1]);
        var mask = inputs.AttentionMask.ToMask();                                               // [B, T]
        var x = words.call(inputs.InputIds).Add(positions.Slice(0, 0, length));                 // [B, T, D]
        var (q, k, v) = (Heads(query.call(x)), Heads(key.call(x)), Heads(value.call(x)));       // [B, H, T, D/H]
        var scores = q.MatMul(k.Transpose()).Times(0.5);
        var attention = scores.MaskedSoftmax(mask.Unsqueeze(1).Unsqueeze(2));                   // [B, H, T, T]
        var heads = attention.MatMul(v).Permute(0, 2, 1, 3).Reshape(batch, length, 8);
        var y = first.call(x.Add(mixed.call(heads)));
        var last = second.call(y.Add(narrow.call(wide.call(y).Gelu())));                        // [B, T, D]
        var pooled = last.MeanTokens(mask);                                                     // [B, D]
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? classifier.call(pooled) : null,
            Embedding = wanted.Contains(Output.Embedding) ? pooled : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? [x, last] : null,
            Attentions = wanted.Contains(Output.Attentions) ? [attention] : null,
            TokenEmbeddings = wanted.Contains(Output.TokenEmbeddings) ? last : null,
        };
    }

    static Tensor Heads(Tensor x) => x.Reshape(x.shape[0], x.shape[1], 2, 4).Permute(0, 2, 1, 3);
}
