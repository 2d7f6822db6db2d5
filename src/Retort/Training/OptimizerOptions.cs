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
    public double Momentum { get; init => field = Require.Share(value); } = 0.9;

    /// <summary>Whether the gradient is taken as if the momentum had already been followed (PyTorch's form).</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ added to the gradient as λ θ.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value); } = 5e-4;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        new Sgd(parameters, Momentum, Nesterov, WeightDecay);
}

/// <summary>Adam: each weight has its own step length, from the mean and the mean square of its gradient.</summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>β₁: how much of the mean gradient stays.</summary>
    public double Beta1 { get; init => field = Require.Below1(value); } = 0.9;

    /// <summary>β₂: how much of the mean squared gradient stays.</summary>
    public double Beta2 { get; init => field = Require.Below1(value); } = 0.999;

    /// <summary>ε added to the root of the mean square.</summary>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-8;

    /// <summary>λ added to the gradient as λ θ.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value); }

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay));
}

/// <summary>Adam with the weight decay beside the step, so that it does not depend on the gradient's size.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁: how much of the mean gradient stays.</summary>
    public double Beta1 { get; init => field = Require.Below1(value); } = 0.9;

    /// <summary>β₂: how much of the mean squared gradient stays.</summary>
    public double Beta2 { get; init => field = Require.Below1(value); } = 0.999;

    /// <summary>ε added to the root of the mean square.</summary>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-8;

    /// <summary>λ: each step shrinks the weights by η λ.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value); } = 0.01;

    public override Optimizer Build(IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        new Adam(parameters, new(Beta1, Beta2, Epsilon, WeightDecay), decoupled: true);
}
