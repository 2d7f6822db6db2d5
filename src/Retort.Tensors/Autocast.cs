using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
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
public enum ComputePrecision
{
    /// <summary>The type their operands have, usually float32.</summary>
    Float32,

    /// <summary>
    /// bfloat16 operands and results with sums in float32. Weights and their gradients stay float32, cast once a forward;
    /// norms keep their figures and softmax and losses all of theirs in float32.
    /// </summary>
    BFloat16,
}

/// <summary>
/// The policy of memory format and precision. TorchSharp has neither channels-last nor autocast; these words stand in
/// for them.
/// </summary>
public static class Autocast
{
    [ThreadStatic] static ComputePrecision t_arithmetic;

    /// <summary>What this thread computes in.</summary>
    public static ComputePrecision Current => t_arithmetic;

    internal static bool Narrowed => t_arithmetic != ComputePrecision.Float32;

    /// <summary>
    /// Whether this processor multiplies bfloat16 by itself (AVX512_BF16, AMX, or Arm's BF16). Without, the policy
    /// is right but slower than float32.
    /// </summary>
    public static bool HasFastBfloat16 { get; } = Detected();

    /// <summary>Sets what this thread computes in until the result is disposed, on the same thread.</summary>
    public static Scope Enter(ComputePrecision arithmetic)
    {
        var policy = new Scope(t_arithmetic);
        t_arithmetic = arithmetic;
        return policy;
    }

    /// <summary>Gives the earlier arithmetic back.</summary>
    public readonly struct Scope : IDisposable
    {
        readonly ComputePrecision _before;

        internal Scope(ComputePrecision before) => _before = before;

        public void Dispose() => t_arithmetic = _before;
    }

    extension(Tensor x)
    {
        /// <summary>The same numbers in this memory format; only pictures have one. [B, C, H, W] → [B, C, H, W]</summary>
        public Tensor ToMemoryFormat(MemoryFormat format)
        {
            if (x.Dimensions != 4) return x.alias();
            return format == MemoryFormat.ChannelsLast ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x.contiguous().alias();
        }

        /// <summary>At least float32: what softmax and losses are computed in. any shape</summary>
        public Tensor AtLeastFloat32() => x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;

        internal Tensor ToBFloat16() => x.dtype == ScalarType.Float32 ? x.to(ScalarType.BFloat16) : x;
    }

    extension(Module module)
    {
        /// <summary>
        /// Lays the weights of all convolutions out anew, in place: optimizers and records made before keep them. What an
        /// optimizer keeps beside a weight is laid out as the weight was then, so this comes first.
        /// </summary>
        public void ToMemoryFormat(MemoryFormat format)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            foreach (var (_, parameter) in module.named_parameters())
                if (parameter.Dimensions == 4) parameter.set_(parameter.detach().ToMemoryFormat(format));
        }
    }

    static bool Detected()
    {
        const int Amx = 1 << 22, Avx512 = 1 << 5;                           // CPUID 7.0 EDX, CPUID 7.1 EAX
        if (X86Base.IsSupported)
            return X86Base.CpuId(0, 0).Eax >= 7
                && ((X86Base.CpuId(7, 0).Edx & Amx) != 0 || Avx512F.IsSupported && (X86Base.CpuId(7, 1).Eax & Avx512) != 0);
        return RuntimeInformation.ProcessArchitecture == Architecture.Arm64 && OperatingSystem.IsLinux()
            && File.Exists("/proc/cpuinfo")
            && File.ReadLines("/proc/cpuinfo").Any(line => line.StartsWith("Features", StringComparison.Ordinal) && line.Split(' ').Contains("bf16"));
    }
}
