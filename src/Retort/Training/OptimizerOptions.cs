namespace Retort.Training;

/// <summary>The options of an optimizer.</summary>
public abstract record OptimizerOptions
{
    /// <summary>Builds the optimizer over these parameters; the names are those of its state in a checkpoint.</summary>
    public abstract Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters);
}

/// <summary>Stochastic gradient descent with momentum.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>μ: the share of the last step that is kept.</summary>
    [Share] public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the momentum is Nesterov's, in PyTorch's form.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ: the gradient gets λ θ added.</summary>
    [NotNegative] public double WeightDecay { get; init; } = 5e-4;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Sgd(parameters, Momentum, Nesterov, WeightDecay);
    }
}

/// <summary>Adam: the step of each weight depends on the mean and the mean square of its gradient.</summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>β₁: the share of the mean gradient that is kept.</summary>
    [Below1] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: the share of the mean squared gradient that is kept.</summary>
    [Below1] public double Beta2 { get; init; } = 0.999;

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

/// <summary>Adam with decoupled weight decay, which does not depend on the gradient's size.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁: the share of the mean gradient that is kept.</summary>
    [Below1] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: the share of the mean squared gradient that is kept.</summary>
    [Below1] public double Beta2 { get; init; } = 0.999;

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
