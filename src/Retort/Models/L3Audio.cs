namespace Retort.Models;

/// <summary>
/// Options of <see cref="L3Audio"/>. SEA's students have the widths [64, 128, 256, 512], [32, 64, 128, 256],
/// [32, 64, 128, 128] and [32, 64, 128, 64]; OpenL3's audio network the first of them and <c>lastLayer</c>
/// <c>convolution</c>.
/// </summary>
public sealed record L3AudioOptions : PretrainableModelOptions
{
    /// <summary>The channels of the blocks, of which each but the last halves the map; the last is the embedding's
    /// width.</summary>
    [NotEmpty, Count(0, 12, "at most 12 numbers, for each halves the map"), AtLeast(1)]
    public IReadOnlyList<int> Widths { get; init; } = [64, 128, 256, 512];

    /// <summary>What follows the last convolution.</summary>
    public L3LastLayer LastLayer { get; init; }

    internal override string ClassifierPrefix => "fc.";

    internal override Network BuildDrawn(DatasetInfo info) => new L3Audio(this, info);
}

/// <summary>
/// The audio network of L3 (Arandjelović and Zisserman 2017, arXiv:1705.08168; Cramer et al., OpenL3, ICASSP 2019) and
/// its small students (Srivastava et al., SEA, ICASSP 2021, Table 1): batch normalization of the spectrogram, blocks of
/// two 3 × 3 convolutions with norm and ReLU, the maximum over the last map. Hidden states: the blocks' maps before the
/// last ReLU and the pooling.
/// </summary>
/// <remarks>
/// Norms have Keras's epsilon, 10⁻³, and its momentum, .01 here. Initial weights are He's (normal, by inputs), biases
/// 0.
/// </remarks>
public sealed class L3Audio : Network
{
    readonly BatchNorm2d norm;
    readonly TorchSharp.Modules.ModuleList<L3Block> blocks;
    readonly Linear? fc;
    readonly bool _endsInRelu;

    public L3Audio(L3AudioOptions options, DatasetInfo info) : base(nameof(L3Audio))
    {
        var count = options.Widths.Count;
        var (channels, _, _) = ImageInput.Of(info, $"l3-audio with {count} blocks", least: 1L << (count - 1));
        long[] widths = [channels, .. options.Widths];
        norm = L3Block.Norm(channels);
        blocks = new([.. options.Widths.Select((_, i) => new L3Block(
            widths[i], widths[i + 1], i < count - 1 || options.LastLayer != L3LastLayer.Convolution))]);
        fc = ClassifierOutputs.Classifier(widths[^1], info);
        _endsInRelu = options.LastLayer == L3LastLayer.Relu;
        RegisterComponents();
        blocks.DrawKernelsByInputs();
        blocks.ClearBiases();
    }

    public override MemoryFormat PreferredFormat => MemoryFormat.ChannelsLast;

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = norm.call(inputs.Image);                                    // [B, 1, bins, frames]
        var maps = new List<Tensor>();
        foreach (var (i, block) in blocks.Index())
        {
            // ReLU and maximum commute: after the pooling the ReLU is a quarter of the work
            if (i > 0) x = x.MaxPool2d(2).ReluInPlace();
            maps.Add(x = block.call(x));                                    // [B, Wi, bins / 2^i, frames / 2^i]
        }
        return ClassifierOutputs.To(wanted, maps, Embed, fc);

        Tensor Embed()
        {
            var vector = maps[^1].Max(3).Max(2);                            // [B, D]
            return _endsInRelu ? vector.ReluInPlace() : vector;
        }
    }

    public override IReadOnlyDictionary<string, Tensor> Rename(
        IReadOnlyDictionary<string, Tensor> tensors, string source) =>
        KerasL3.IsIn(tensors) ? KerasL3.Rename(tensors, blocks.Count, source) : tensors;
}

/// <summary>
/// Convolution, norm, ReLU, convolution, norm; the caller applies what follows. [B, I, H, W] → [B, O, H, W]
/// </summary>
sealed class L3Block : torch.nn.Module<Tensor, Tensor>
{
    readonly Conv2d conv1;
    readonly BatchNorm2d norm1;
    readonly Conv2d conv2;
    readonly BatchNorm2d? norm2;

    public L3Block(long from, long to, bool endsInNorm) : base(nameof(L3Block))
    {
        conv1 = new(from, to, 3, padding: 1);
        norm1 = Norm(to);
        conv2 = new(to, to, 3, padding: 1);
        norm2 = endsInNorm ? Norm(to) : null;
        RegisterComponents();
    }

    /// <summary>Batch normalization with Keras's constants.</summary>
    public static BatchNorm2d Norm(long width) => new(width, momentum: 0.01, epsilon: 1e-3);

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();                          // disposes what autograd does not keep
        var map = conv2.call(norm1.call(conv1.call(x)).ReluInPlace());
        return (norm2 is null ? map : norm2.call(map)).MoveToOuterDisposeScope();
    }
}
