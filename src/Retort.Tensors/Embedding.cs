using TorchSharp.Modules;

namespace Retort.Tensors;

/// <summary>A table of vectors, initialized from N(0, 1) as in PyTorch. [..] int64 → [.., D]</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;                                              // [N, D]
    readonly long? _padding;

    /// <param name="count">N: indices go from 0 to N - 1.</param>
    /// <param name="width">D.</param>
    /// <param name="padding">Index of the padding, if any: its vector starts at zero and gets no gradient.</param>
    public Embedding(long count, long width, long? padding = null) : base(nameof(Embedding))
    {
        ModuleFactory.Reserve(count, width);
        var values = empty(count, width).normal_();
        if (padding is { } row) values[row].zero_();
        weight = new Parameter(values);
        _padding = padding;
        RegisterComponents();
    }

    /// <summary>The first vectors of the table, such as those of the positions of a text. [count, D]</summary>
    public Tensor First(long count) => weight.Value.Slice(0, 0, count);

    public override Tensor forward(Tensor x)
    {
        var rows = weight.Value.TakeRows(x);                                      // [.., D]
        if (_padding is not { } index || !rows.requires_grad) return rows;

        using var padding = index.ToScalar();
        var frozen = where(x.eq(padding).unsqueeze(-1), rows.detach(), rows);
        return Recorder.Trace(frozen, "Identity", [rows]);
    }
}
