using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Retort.Tensors;

/// <summary>
/// Sets the precision of a forward pass and the memory format of tensors and networks. TorchSharp has neither autocast
/// nor channels-last.
/// </summary>
public static class Autocast
{
    [ThreadStatic] static ComputePrecision t_precision;

    /// <summary>The precision of this thread.</summary>
    public static ComputePrecision Current => t_precision;

    internal static bool IsBFloat16 => t_precision == ComputePrecision.BFloat16;

    /// <summary>
    /// Whether this processor has instructions for bfloat16 products (AVX512_BF16, AMX, or Arm's BF16). Without them
    /// bfloat16 is correct but slower than float32.
    /// </summary>
    public static bool HasFastBfloat16 { get; } = DetectFastBfloat16();

    /// <summary>Sets the precision of this thread until the result is disposed, on the same thread.</summary>
    public static Scope Enter(ComputePrecision precision)
    {
        if (precision == ComputePrecision.BFloat16) SignalStack.Ensure();
        var scope = new Scope(t_precision);
        t_precision = precision;
        return scope;
    }

    /// <summary>Restores the earlier precision when it is disposed.</summary>
    public readonly struct Scope : IDisposable
    {
        readonly ComputePrecision _before;

        internal Scope(ComputePrecision before) => _before = before;

        public void Dispose() => t_precision = _before;
    }

    extension(Tensor x)
    {
        /// <summary>
        /// The same values in this memory format. Only images have one; other tensors are returned as an alias.
        /// [B, C, H, W] → [B, C, H, W]
        /// </summary>
        public Tensor ToMemoryFormat(MemoryFormat format)
        {
            if (x.Dimensions != 4) return x.alias();
            return format == MemoryFormat.ChannelsLast
                ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
                : x.contiguous().alias();
        }

        /// <summary>
        /// bfloat16 and float16 cast to float32, other types unchanged. Softmax and losses are computed in this type.
        /// </summary>
        public Tensor AtLeastFloat32() =>
            x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;

        /// <summary>float32 cast to bfloat16, other types unchanged.</summary>
        internal Tensor ToBFloat16() => x.dtype == ScalarType.Float32 ? x.to(ScalarType.BFloat16) : x;
    }

    extension(Module module)
    {
        /// <summary>
        /// Changes the memory format of all convolution weights in place. Optimizers and recordings made before keep
        /// the parameters, but an optimizer's state keeps the format that the weight had when it was made: so call
        /// this first.
        /// </summary>
        public void ToMemoryFormat(MemoryFormat format)
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            foreach (var (_, parameter) in module.named_parameters())
                if (parameter.Dimensions == 4) parameter.set_(parameter.detach().ToMemoryFormat(format));
        }
    }

    static bool DetectFastBfloat16()
    {
        const int AmxBf16 = 1 << 22;                                        // CPUID 7.0 EDX
        const int Avx512Bf16 = 1 << 5;                                      // CPUID 7.1 EAX
        if (X86Base.IsSupported)
        {
            if (X86Base.CpuId(0, 0).Eax < 7) return false;
            if ((X86Base.CpuId(7, 0).Edx & AmxBf16) != 0) return true;
            return Avx512F.IsSupported && (X86Base.CpuId(7, 1).Eax & Avx512Bf16) != 0;
        }

        const string CpuInfo = "/proc/cpuinfo";
        return RuntimeInformation.ProcessArchitecture == Architecture.Arm64 && OperatingSystem.IsLinux()
            && File.Exists(CpuInfo) && Lines(CpuInfo).Any(HasBf16);

        static IEnumerable<string> Lines(string path)
        {
            using var file = new StreamReader(InputFile.Open(path));
            while (file.ReadLine() is { } line) yield return line;
        }

        static bool HasBf16(string line) =>
            line.StartsWith("Features", StringComparison.Ordinal) && line.Split(' ').Contains("bf16");
    }
}
