using static TorchSharp.torch;

namespace Retort.Tensors;

/// <summary>How a picture's numbers lie in memory; the shape stays [B, C, H, W].</summary>
public enum MemoryFormat
{
    /// <summary>Channel by channel.</summary>
    Contiguous,

    /// <summary>Pixel by pixel, the channels of one together: faster for most convolutions.</summary>
    ChannelsLast,
}

/// <summary>What the words Linear, Conv2d and MatMul compute in.</summary>
public enum Arithmetic
{
    /// <summary>32 bits.</summary>
    Full,

    /// <summary>bfloat16 operands and results, sums in float32. Weights, norms and losses stay in float32.</summary>
    BFloat16,
}

/// <summary>The policy of memory format and precision; libtorch's own autocast is out of TorchSharp's reach.</summary>
public static class Precision
{
    [ThreadStatic] static Arithmetic t_arithmetic;

    /// <summary>What this thread computes in.</summary>
    public static Arithmetic Current => t_arithmetic;

    internal static bool Narrowed => t_arithmetic != Arithmetic.Full;

    /// <summary>Sets what this thread computes in until the result is disposed.</summary>
    public static Policy Use(Arithmetic arithmetic)
    {
        var policy = new Policy(t_arithmetic);
        t_arithmetic = arithmetic;
        return policy;
    }

    /// <summary>Gives the earlier arithmetic back.</summary>
    public readonly struct Policy(Arithmetic before) : IDisposable
    {
        public void Dispose() => t_arithmetic = before;
    }

    extension(Tensor x)
    {
        /// <summary>At least float32: what losses and softmax are computed in. any shape</summary>
        public Tensor Wide() => x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;

        internal Tensor Narrow() => x.dtype == ScalarType.Float32 ? x.to(ScalarType.BFloat16) : x;
    }
}
