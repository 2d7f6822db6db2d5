namespace Retort.Training;

/// <summary>Adam: the step of each weight depends on the mean and the mean square of its gradient.</summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>β₁: the share of the mean gradient that is kept.</summary>
    [LessThanOne] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: the share of the mean squared gradient that is kept.</summary>
    [LessThanOne] public double Beta2 { get; init; } = 0.999;

    /// <summary>ε: added to the root of the mean square.</summary>
    [Positive] public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: the gradient gets λ θ added.</summary>
    [NotNegative] public double WeightDecay { get; init; }

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay));
    }
}
