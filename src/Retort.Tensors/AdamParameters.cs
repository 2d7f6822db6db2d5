namespace Retort.Tensors;

/// <summary>Hyperparameters of <see cref="Adam"/>, with PyTorch's defaults.</summary>
/// <param name="Beta1">β₁: decay of the running mean of the gradient.</param>
/// <param name="Beta2">β₂: decay of the running mean of the squared gradient.</param>
/// <param name="Epsilon">ε: added to the root of the mean square.</param>
/// <param name="WeightDecay">λ.</param>
public sealed record AdamParameters(
    double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0);
