namespace Retort.Models;

/// <summary>Options of <see cref="Mlp"/>.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The normalization between each hidden layer and its ReLU.</summary>
    public MlpNorm Norm { get; init; } = MlpNorm.None;

    /// <summary>
    /// The width of one more linear layer, without ReLU, whose output is the embedding; unset: the last hidden layer's.
    /// </summary>
    [AtLeast(1)] public int? EmbeddingWidth { get; init; }

    public override Network Build(DatasetInfo info) => new Mlp(OptionRules.Check(this), info);
}

/// <summary>Linear layers with ReLU between them; an image is flattened. Initial weights are PyTorch's.</summary>
public sealed class Mlp : Network
{
    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly TorchSharp.Modules.ModuleList<LayerNorm>? norms;
    readonly Linear? embedding;
    readonly Linear? output;

    public Mlp(MlpOptions options, DatasetInfo info) : base(nameof(Mlp))
    {
        long[] widths = [info.OnlyInput("mlp").Count, .. options.Hidden];
        layers = new([.. options.Hidden.Select((width, i) => new Linear(widths[i], width))]);
        norms = options.Norm == MlpNorm.None ? null : new([.. options.Hidden.Select(width => new LayerNorm(width))]);
        embedding = options.EmbeddingWidth is { } width ? new(widths[^1], width) : null;
        output = ClassifierOutputs.Classifier(options.EmbeddingWidth ?? widths[^1], info);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs => ClassifierOutputs.Available(output);

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = inputs.Parts[0].Value.Flatten();                            // [B, D]
        var hidden = new List<Tensor>();
        for (var i = 0; i < layers.Count; i++)
        {
            var sums = layers[i].call(x);                                   // [B, Hi]
            hidden.Add(x = (norms is null ? sums : norms[i].call(sums)).ReluInPlace());
        }
        return ClassifierOutputs.To(wanted, hidden, () => embedding?.call(x) ?? x, output);
    }
}
