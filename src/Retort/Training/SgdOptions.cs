namespace Retort.Training;

/// <summary>Stochastic gradient descent with momentum.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>μ: the share of the last step that is kept.</summary>
    [Share] public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// Whether the momentum is Nesterov's, in PyTorch's form. Without momentum both steps are the same.
    /// </summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>λ: the gradient gets λ θ added.</summary>
    [NotNegative] public double WeightDecay { get; init; } = 5e-4;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Sgd(parameters, Momentum, Nesterov && Momentum > 0, WeightDecay);
    }
}
