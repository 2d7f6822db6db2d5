namespace Retort.Models;

/// <summary>Options of <see cref="Mlp"/>.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    public IReadOnlyList<int> Hidden { get; init => field = Require.AllPositive(value); } = [64, 64];

    public override Network Build(DataFacts facts) => new Mlp(facts.Flat, Hidden, facts.Classes.Count);
}

/// <summary>Linear layers with ReLU between them.</summary>
public sealed class Mlp : Network
{
    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly Linear output;

    public Mlp(long inputs, IReadOnlyList<int> hidden, int classes) : base(nameof(Mlp))
    {
        layers = new([.. hidden.Select((width, i) => new Linear(i == 0 ? inputs : hidden[i - 1], width))]);
        output = new(hidden[^1], classes);
        RegisterComponents();
    }

    public override Signals Offers => Signals.Logits | Signals.Embedding | Signals.Hidden;

    public override Outputs Forward(Inputs inputs, Signals wanted)
    {
        var x = inputs.Parts[0].Value.Flatten();                        // [B, D]
        var hidden = new List<Tensor>();
        foreach (var layer in layers) hidden.Add(x = layer.call(x).Relu());
        return new()
        {
            Logits = wanted.HasFlag(Signals.Logits) ? output.call(x) : null,
            Embedding = wanted.HasFlag(Signals.Embedding) ? x : null,
            Hidden = wanted.HasFlag(Signals.Hidden) ? hidden : null,
        };
    }
}
