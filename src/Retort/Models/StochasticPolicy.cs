namespace Retort.Models;

/// <summary>Options of <see cref="StochasticPolicy"/>. Defaults are those of PPO in the code of DPD.</summary>
public sealed record StochasticPolicyOptions : ModelOptions
{
    /// <summary>The hidden layers' widths, in order.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The largest standardized observation; larger ones are clipped.</summary>
    [Positive] public double ObservationClip { get; init; } = 10;

    public override Network Build(DatasetInfo info) => new StochasticPolicy(OptionRules.Check(this), info);
}

/// <summary>
/// A policy that draws its actions: from a normal distribution, whose mean is an MLP with tanh and whose deviation
/// depends on no state, or from the probabilities of discrete actions. Orthogonal initial weights.
/// </summary>
public sealed class StochasticPolicy : PolicyNetwork
{
    const double FirstOutput = 0.01;                                        // the gain of the last layer

    readonly TorchSharp.Modules.ModuleList<Linear> layers;
    readonly Linear output;
    readonly TorchSharp.Modules.Parameter? log_deviation;                   // [A], null for discrete actions

    public StochasticPolicy(StochasticPolicyOptions options, DatasetInfo info)
        : base("stochastic-policy", info, options.ObservationClip)
    {
        long[] widths = [Width, .. options.Hidden];
        layers = new([.. options.Hidden.Select((width, i) => new Linear(widths[i], width))]);
        output = new(widths[^1], Actions.Width);
        foreach (var layer in layers) layer.Orthogonal(Math.Sqrt(2));
        output.Orthogonal(FirstOutput);
        if (Actions.IsContinuous) log_deviation = new(torch.zeros(Actions.Width));
        RegisterComponents();
    }

    public override TorchSharp.Modules.Parameter? LogDeviation => log_deviation;

    public override Tensor Unit(Tensor standardized)
    {
        var x = standardized;                                               // [B, D]
        foreach (var layer in layers) x = layer.call(x).Tanh();             // [B, Hi]
        return output.call(x);                                              // [B, A]
    }
}
