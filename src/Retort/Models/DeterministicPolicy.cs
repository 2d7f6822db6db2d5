namespace Retort.Models;

/// <summary>Options of <see cref="DeterministicPolicy"/>. Defaults are those of DDPG in the code of DPD.</summary>
public sealed record DeterministicPolicyOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The normalization between each hidden layer and its ReLU.</summary>
    public MlpNorm Norm { get; init; } = MlpNorm.Layer;

    /// <summary>The largest standardized observation; larger ones are clipped.</summary>
    [Positive] public double ObservationClip { get; init; } = 5;

    public override Network Build(DatasetInfo info) => new DeterministicPolicy(OptionRules.Check(this), info);
}

/// <summary>
/// A policy of continuous actions: linear layers with ReLU, and a tanh that keeps the action within its bounds. The
/// last layer's weights begin near 0 (Lillicrap et al., arXiv:1509.02971).
/// </summary>
public sealed class DeterministicPolicy : PolicyNetwork
{
    const double FirstOutput = 3e-3;

    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly TorchSharp.Modules.ModuleList<LayerNorm>? norms;
    readonly Linear output;

    public DeterministicPolicy(DeterministicPolicyOptions options, DatasetInfo info)
        : base("deterministic-policy", info, options.ObservationClip)
    {
        if (!Actions.IsContinuous) throw new InvalidOperationException(
            "deterministic-policy computes numbers between bounds, and the environment's actions are discrete: the "
            + "network stochastic-policy, with the method ppo, chooses among them.");
        long[] widths = [Width, .. options.Hidden];
        layers = new([.. options.Hidden.Select((width, i) => new Linear(widths[i], width))]);
        norms = options.Norm == MlpNorm.None ? null : new([.. options.Hidden.Select(width => new LayerNorm(width))]);
        output = new(widths[^1], Actions.Width);
        using (torch.no_grad())
            foreach (var (_, parameter) in output.named_parameters()) parameter.uniform_(-FirstOutput, FirstOutput);
        RegisterComponents();
    }

    public override Tensor Unit(Tensor standardized)
    {
        var x = standardized;                                               // [B, D]
        for (var i = 0; i < layers.Count; i++)
        {
            var sums = layers[i].call(x);                                   // [B, Hi]
            x = (norms is null ? sums : norms[i].call(sums)).Relu();
        }
        return output.call(x).Tanh();                                       // [B, A]
    }
}
