namespace Retort.Training;

/// <summary>Adam with decoupled weight decay, which does not depend on the gradient's size.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁: the share of the mean gradient that is kept.</summary>
    [LessThanOne] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: the share of the mean squared gradient that is kept.</summary>
    [LessThanOne] public double Beta2 { get; init; } = 0.999;

    /// <summary>ε: added to the root of the mean square.</summary>
    [Positive] public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: each step shrinks the weights by η λ.</summary>
    [NotNegative] public double WeightDecay { get; init; } = 0.01;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay), decoupled: true);
    }
}
