namespace Retort.Models;

/// <summary>What stands between a linear layer and its ReLU.</summary>
public enum MlpNorm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Layer normalization: of each example by itself, so that equal weights are one function in training too.</summary>
    Layer,
}

/// <summary>Options of <see cref="Mlp"/>.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>What stands between each hidden layer and its ReLU.</summary>
    public MlpNorm Norm { get; init; } = MlpNorm.None;

    public override Network Build(DatasetInfo data) => new Mlp(OptionRules.Check(this), data);
}

/// <summary>Linear layers with ReLU between them; pictures are read as one row of numbers. First weights are PyTorch's.</summary>
public sealed class Mlp : Network
{
    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly TorchSharp.Modules.ModuleList<LayerNorm>? norms;
    readonly Linear output;

    public Mlp(MlpOptions options, DatasetInfo facts) : base(nameof(Mlp))
    {
        layers = new([.. options.Hidden.Select((width, i) => new Linear(i == 0 ? facts.OnlyInput("mlp").Count : options.Hidden[i - 1], width))]);
        norms = options.Norm == MlpNorm.None ? null : new([.. options.Hidden.Select(width => new LayerNorm(width))]);
        output = new(options.Hidden[^1], facts.Classes.Count);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs => Output.Logits | Output.Embedding | Output.HiddenStates;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var x = inputs.Parts[0].Value.Flatten();                            // [B, D]
        var hidden = new List<Tensor>();
        for (var i = 0; i < layers.Count; i++)
        {
            var sums = layers[i].call(x);                                   // [B, Hi]
            hidden.Add(x = (norms is null ? sums : norms[i].call(sums)).ReluInPlace());
        }
        return ClassifierOutputs.To(wanted, hidden, () => x, output.call);
    }
}
