namespace Retort.Tensors;

/// <summary>How an optimizer computes its step. The results are the same up to rounding.</summary>
public enum OptimizerImplementation
{
    /// <summary>
    /// A vectorized C# loop over the tensors' memory, for float32 on the CPU: up to 2²⁰ elements, or channels-last.
    /// </summary>
    Loop,

    /// <summary>One call of libtorch's fused operator: for other types, larger networks and CUDA.</summary>
    Fused,

    /// <summary>TorchSharp's operators, one parameter after another: where the other two are not available.</summary>
    Plain,
}
