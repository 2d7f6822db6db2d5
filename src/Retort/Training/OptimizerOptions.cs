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
