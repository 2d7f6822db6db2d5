namespace Retort.Tensors;

/// <summary>The type that <c>Linear</c>, <c>Conv2d</c> and <c>MatMul</c> compute in.</summary>
public enum ComputePrecision
{
    /// <summary>The type of their operands, usually float32.</summary>
    Float32,

    /// <summary>
    /// Operands and results in bfloat16, sums in float32. Weights and their gradients stay float32 and are cast once
    /// in each forward pass. Running statistics of norms, softmax and losses stay in float32.
    /// </summary>
    BFloat16,
}
