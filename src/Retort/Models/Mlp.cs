namespace Retort.Models;

/// <summary>Options of <see cref="Mlp"/>.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    public IReadOnlyList<int> Hidden { get; init => field = Require.AllPositive(value); } = [64, 64];

    public override Network Build(DataFacts facts) => new Mlp(this, facts);
}

/// <summary>Linear layers with ReLU between them; pictures are read as one row of numbers. First weights are PyTorch's.</summary>
public sealed class Mlp : Network
{
    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly Linear output;

    public Mlp(MlpOptions options, DataFacts facts) : base(nameof(Mlp))
    {
        if (facts.Inputs.Count != 1)
            throw new InvalidOperationException($"mlp wants data with one input; this has {string.Join(", ", facts.Inputs.Keys)}.");
        layers = new([.. options.Hidden.Select((width, i) => new Linear(i == 0 ? facts.Flat : options.Hidden[i - 1], width))]);
        output = new(options.Hidden[^1], facts.Classes.Count);
        RegisterComponents();
    }

    public override Signals Offers => Signals.Logits | Signals.Embedding | Signals.Hidden;

    public override Outputs Forward(Inputs inputs, Signals wanted)
    {
        var x = inputs.Parts[0].Value.Flatten();                            // [B, D]
        var hidden = new List<Tensor>();
        foreach (var layer in layers) hidden.Add(x = layer.call(x).ReluInPlace()); // [B, Hi]
        return Answer.To(wanted, hidden, () => x, output.call);
    }
}
