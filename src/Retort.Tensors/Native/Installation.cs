using System.Reflection;
using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>What this machine and this installation offer for training.</summary>
public sealed record Installation
{
    /// <summary>Why training cannot work here, in one sentence; null if it can.</summary>
    public required string? Trouble { get; init; }

    /// <summary>
    /// Versions by name: retort, dotnet, torchsharp, libtorch (absent if it could not be loaded), system.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The native libraries in use, each with its origin.</summary>
    public required IReadOnlyList<NativeFile> NativeFiles { get; init; }

    /// <summary>Whether libtorch's stable C interface is there, and with it the fused optimizers.</summary>
    public required bool FusedOperators { get; init; }

    /// <summary>The processor, its vector units, and how many threads may run.</summary>
    public required Processor Processor { get; init; }

    /// <summary>Memory that this process may use, in bytes: that of the machine, or the limit of a container.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Whether a GPU can be used, and why not.</summary>
    public required CudaInfo Cuda { get; init; }

    /// <summary>Inspects the installation, which loads libtorch. Never throws for what is missing.</summary>
    public static Installation Detect()
    {
        var trouble = FindTrouble();
        var threads = Environment.ProcessorCount;
        var versions = new Dictionary<string, string>
        {
            ["retort"] = VersionOf(typeof(Installation)),
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["torchsharp"] = VersionOf("TorchSharp"),
            ["system"] = RuntimeInformation.OSDescription,
        };
        if (trouble is null)
        {
            threads = torch.get_num_threads();
            versions["libtorch"] = NativeLoader.Version!.ToString(3);
        }

        return new()
        {
            Trouble = trouble,
            Versions = versions,
            NativeFiles = NativeLoader.Files,
            FusedOperators = trouble is null && Dispatcher.IsAvailable,
            Processor = Processor.Detect(threads),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Cuda = CudaInfo.Detect(trouble is null),
        };
    }

    /// <summary>Loads libtorch and makes a tensor, to see that it works.</summary>
    static string? FindTrouble()
    {
        try
        {
            NativeLoader.EnsureLoaded();
            using var tensor = torch.ones(1);
            return null;
        }
        catch (NativeLibraryException error)
        {
            return error.Message;
        }
        catch (Exception error) when (
            error is TypeInitializationException or NotSupportedException or DllNotFoundException or ExternalException)
        {
            var message = (error.InnerException ?? error).Message.ReplaceLineEndings("\n");
            return $"libtorch does not work: {message.Split('\n')[0]}";
        }
    }

    static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    static string VersionOf(string assembly) => Assembly.Load(assembly).GetName().Version?.ToString(3) ?? "unknown";
}
