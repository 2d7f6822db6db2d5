namespace Retort.Training;

/// <summary>An optimizer as a recipe names it.</summary>
public abstract record OptimizerOptions
{
    /// <summary>The optimizer over these parameters, each under the name its state has in a checkpoint.</summary>
    public abstract Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters);
}

/// <summary>Stochastic gradient descent with momentum.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>μ: how much of the last step stays.</summary>
    [Share] public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the gradient is taken as if the momentum had already been followed (PyTorch's form).</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ added to the gradient as λ θ.</summary>
    [NotNegative] public double WeightDecay { get; init; } = 5e-4;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Sgd(parameters, Momentum, Nesterov, WeightDecay);
    }
}

/// <summary>Adam: each weight has its own step length, from the mean and the mean square of its gradient.</summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>β₁: how much of the mean gradient stays.</summary>
    [Below1] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: how much of the mean squared gradient stays.</summary>
    [Below1] public double Beta2 { get; init; } = 0.999;

    /// <summary>ε added to the root of the mean square.</summary>
    [Positive] public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ added to the gradient as λ θ.</summary>
    [NotNegative] public double WeightDecay { get; init; }

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay));
    }
}

/// <summary>Adam with the weight decay beside the step, so that it does not depend on the gradient's size.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁: how much of the mean gradient stays.</summary>
    [Below1] public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂: how much of the mean squared gradient stays.</summary>
    [Below1] public double Beta2 { get; init; } = 0.999;

    /// <summary>ε added to the root of the mean square.</summary>
    [Positive] public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ: each step shrinks the weights by η λ.</summary>
    [NotNegative] public double WeightDecay { get; init; } = 0.01;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters)
    {
        OptionRules.Check(this);
        return new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay), decoupled: true);
    }
}
