using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;

namespace Retort.Tensors.Native;

/// <summary>What this machine and this installation are, as far as training cares.</summary>
public sealed record Installation
{
    /// <summary>Why training cannot work here, in one sentence; null where it can.</summary>
    public required string? Trouble { get; init; }

    /// <summary>By name: retort, dotnet, torchsharp, libtorch (absent where it could not be loaded), system.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The native files in use and where each came from.</summary>
    public required IReadOnlyList<NativeFile> NativeFiles { get; init; }

    /// <summary>Whether libtorch's stable C interface is there, and with it the fused optimizers.</summary>
    public required bool FusedOperators { get; init; }

    /// <summary>The processor, its vector units, and how many threads may run.</summary>
    public required Processor Processor { get; init; }

    /// <summary>Memory that this process may use, in bytes: the machine's, or less where a container says so.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Whether a GPU can be used, and why not.</summary>
    public required CudaInfo Cuda { get; init; }

    /// <summary>Looks, which loads the engine; nothing is thrown for what is missing.</summary>
    public static Installation Detect()
    {
        var trouble = Tried(() =>
        {
            NativeLoader.EnsureLoaded();
            using var one = torch.ones(1);          // the first tensor: the engine really answers
        });
        var (threads, versions) = (Environment.ProcessorCount, new Dictionary<string, string>
        {
            ["retort"] = VersionOf(typeof(Installation)), ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["torchsharp"] = VersionOf("TorchSharp"), ["system"] = RuntimeInformation.OSDescription,
        });
        if (trouble is null) (threads, versions["libtorch"]) = (torch.get_num_threads(), NativeLoader.Version!.ToString(3));
        return new()
        {
            Trouble = trouble, Versions = versions, NativeFiles = NativeLoader.Files,
            FusedOperators = trouble is null && Dispatcher.IsAvailable,
            Processor = Processor.Look(threads), MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Cuda = CudaInfo.Look(trouble is null),
        };
    }

    static string? Tried(Action look)
    {
        try
        {
            look();
            return null;
        }
        catch (NativeLibraryException error) { return error.Message; }
        catch (Exception error) when (error is TypeInitializationException or NotSupportedException or DllNotFoundException or ExternalException)
        {
            return $"The engine does not answer: {(error.InnerException ?? error).Message.ReplaceLineEndings("\n").Split('\n')[0]}";
        }
    }

    static string VersionOf(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    static string VersionOf(string assembly) => Assembly.Load(assembly).GetName().Version?.ToString(3) ?? "unknown";
}

/// <summary>The processor as training sees it.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Features">Of avx2, avx512, avx512_bf16, amx (or neon), those it has.</param>
/// <param name="Cores">Logical ones that this process may use.</param>
/// <param name="Threads">Those that the engine uses for one operator.</param>
public sealed record Processor(string Model, IReadOnlyList<string> Features, int Cores, int Threads)
{
    internal static Processor Look(int threads) => new(Name, [.. Known()], Environment.ProcessorCount, threads);

    /// <summary>What it calls itself; its architecture where it does not say.</summary>
    public static string Name { get; } = Called();

    static string Called()
    {
        var plain = RuntimeInformation.ProcessArchitecture.ToString();
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004) return plain;
        var name = new StringBuilder(48);           // the brand string: 48 characters in three leaves
        for (var leaf = 0x80000002; leaf <= 0x80000004; leaf++)
        {
            var (a, b, c, d) = X86Base.CpuId(unchecked((int)leaf), 0);
            foreach (var word in (ReadOnlySpan<int>)[a, b, c, d])
                for (var shift = 0; shift < 32; shift += 8)
                    if ((char)(word >> shift & 0xff) is var letter && letter != 0) name.Append(letter);
        }
        return name.ToString().Trim() is { Length: > 0 } model ? model : plain;
    }

    static IEnumerable<string> Known()
    {
        if (AdvSimd.IsSupported) yield return "neon";
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7) yield break;
        if (Avx2.IsSupported) yield return "avx2";
        if (!Avx512F.IsSupported) yield break;
        yield return "avx512";
        if ((X86Base.CpuId(7, 1).Eax & 1 << 5) != 0) yield return "avx512_bf16";        // Intel SDM vol. 2A, CPUID leaf 7
        if ((X86Base.CpuId(7, 0).Edx & 1 << 24) != 0) yield return "amx";               // AMX-TILE
    }
}

/// <summary>Whether a GPU can be used.</summary>
/// <param name="Available">It can.</param>
/// <param name="Devices">How many.</param>
/// <param name="Remark">What was found.</param>
public sealed record CudaInfo(bool Available, int Devices, string Remark)
{
    internal static CudaInfo Look(bool works)
    {
        if (!works) return new(false, 0, "not looked for: the engine does not load");
        if (NativeLoader.Files.All(file => file.Name != "torch_cuda")) return new(false, 0, "this libtorch was built for the CPU");
        return torch.cuda.is_available() ? new(true, torch.cuda.device_count(), "ready") : new(false, 0, "this libtorch knows CUDA, but finds no GPU or no driver");
    }
}
