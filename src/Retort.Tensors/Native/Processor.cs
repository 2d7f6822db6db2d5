using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Retort.Tensors.Native;

/// <summary>The processor, as far as it matters for training.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Features">Its vector units, of: avx2, avx512, avx512_bf16, amx, neon.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="Threads">Threads that libtorch uses for one operator.</param>
public sealed record Processor(string Model, IReadOnlyList<string> Features, int Cores, int Threads)
{
    internal static Processor Detect(int threads) =>
        new(Name, [.. DetectFeatures()], Environment.ProcessorCount, threads);

    /// <summary>The processor's own name for itself, or its architecture.</summary>
    public static string Name { get; } = ReadName();

    static string ReadName()
    {
        const uint First = 0x80000002;                                      // the brand string: 48 letters in 3 leaves
        const uint Last = 0x80000004;
        var architecture = RuntimeInformation.ProcessArchitecture.ToString();
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < Last) return architecture;

        var name = new StringBuilder(48);
        for (var leaf = First; leaf <= Last; leaf++)
        {
            var (eax, ebx, ecx, edx) = X86Base.CpuId(unchecked((int)leaf), 0);
            foreach (var register in (ReadOnlySpan<int>)[eax, ebx, ecx, edx])
                for (var shift = 0; shift < 32; shift += 8)
                    if ((char)(register >> shift & 0xff) is var letter && letter != 0) name.Append(letter);
        }
        return name.ToString().Trim() is { Length: > 0 } model ? model : architecture;
    }

    // bits of CPUID leaf 7: Intel SDM vol. 2A
    static IEnumerable<string> DetectFeatures()
    {
        if (AdvSimd.IsSupported) yield return "neon";
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7) yield break;

        if (Avx2.IsSupported) yield return "avx2";
        if (!Avx512F.IsSupported) yield break;

        yield return "avx512";
        if ((X86Base.CpuId(7, 1).Eax & 1 << 5) != 0) yield return "avx512_bf16";
        if ((X86Base.CpuId(7, 0).Edx & 1 << 24) != 0) yield return "amx";               // AMX-TILE
    }
}
