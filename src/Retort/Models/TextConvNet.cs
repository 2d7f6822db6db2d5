using TorchSharp.Modules;

namespace Retort.Models;

/// <summary>Options of <see cref="TextConvNet"/>.</summary>
public sealed record TextConvNetOptions : ModelOptions
{
    /// <summary>Filters of each width.</summary>
    [AtLeast(1)] public int Filters { get; init; } = 100;

    /// <summary>Words that a filter spans.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Spans { get; init; } = [3, 4, 5];

    /// <summary>The dropout before the classifier.</summary>
    [LessThanOne] public double Dropout { get; init; } = 0.5;

    public override Network Build(DatasetInfo info) => new TextConvNet(OptionRules.Check(this), info);
}

/// <summary>
/// Convolutions over the vectors of a text's words, each feature's maximum over the positions, dropout and a classifier
/// (Kim 2014, arXiv:1408.5882). Hidden states: the map of each span, after its ReLU.
/// </summary>
public sealed class TextConvNet : Network
{
    readonly ModuleList<SpanConvolution> convs;
    readonly Tensors.Dropout dropout;
    readonly Tensors.Linear? fc;

    public TextConvNet(TextConvNetOptions options, DatasetInfo info) : base(nameof(TextConvNet))
    {
        var (words, width) = VectorInput.Of(info, "text-convnet");
        if (options.Spans.Max() > words) throw new InvalidOperationException(Invariant(
            $"text-convnet has filters over {options.Spans.Max()} words; the data's texts have {words}: ")
            + "choose shorter spans.");

        convs = new([.. options.Spans.Select(span => new SpanConvolution(options.Filters, span, width))]);
        dropout = new(options.Dropout);
        fc = ClassifierOutputs.Classifier(options.Filters * options.Spans.Count, info);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(fc);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = inputs[InputNames.InputsEmbeds].Unsqueeze(1);                                   // [B, 1, T, D]
        Tensor[] maps = [.. convs.Select(conv => conv.call(x))];                                // each [B, F, T', 1]
        return ClassifierOutputs.To(wanted, maps, Embed, fc);

        Tensor Embed()
        {
            Tensor[] features = [.. maps.Select(map => map.Squeeze(3).Max(2))];                 // each [B, F]
            var all = features.Length == 1 ? features[0] : features[0].Concat(1, features.AsSpan(1));
            return dropout.call(all);
        }
    }
}

/// <summary>Filters over a span of words and the whole width of their vectors, then ReLU.</summary>
sealed class SpanConvolution : torch.nn.Module<Tensor, Tensor>
{
    readonly Parameter weight;                                                                  // [F, 1, S, D]
    readonly Parameter bias;                                                                    // [F]

    public SpanConvolution(long filters, long span, long width) : base(nameof(SpanConvolution))
    {
        var bound = 1 / Math.Sqrt(span * width);
        weight = new Parameter(torch.empty(filters, 1, span, width).uniform_(-bound, bound));
        bias = new Parameter(torch.empty(filters).uniform_(-bound, bound));
        RegisterComponents();
    }

    // [B, 1, T, D] → [B, F, T - S + 1, 1]
    public override Tensor forward(Tensor x) => x.Conv2d(weight.Value, bias.Value).ReluInPlace();
}
