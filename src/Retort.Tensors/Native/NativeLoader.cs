using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;
using static Retort.Tensors.Native.NativeFolders;

namespace Retort.Tensors.Native;

/// <summary>
/// Loads libtorch before TorchSharp looks for it: from NuGet's folder, or from the folder in <c>RETORT_LIBTORCH</c>.
/// Where this system's libstdc++ is too old for TorchSharp's own library, a patched copy is loaded. Nothing is copied
/// into a build output.
/// </summary>
/// <remarks>
/// If loading fails, TorchSharp copies 0.5 GB into NuGet's folder; and an exception thrown while it loads ends the
/// process. So nothing here throws while TorchSharp loads. The reason is kept, and <see cref="EnsureLoaded"/> throws
/// it.
/// </remarks>
public static class NativeLoader
{
    /// <summary>The variable that names another folder of libtorch, such as the <c>lib</c> of a Python torch.</summary>
    public const string FolderVariable = "RETORT_LIBTORCH";

    /// <summary>The variable that names another <see cref="CacheFolder"/>.</summary>
    public const string CacheVariable = "RETORT_CACHE";

    const string TorchCpu = "torch_cpu";
    const string Shim = "LibTorchSharp";                                    // TorchSharp's own native library

    static readonly Lock s_gate = new();
    static readonly List<NativeFile> s_files = [];
    static readonly Dictionary<string, nint> s_handles = [];
    static int s_registered;
    static bool s_tried;
    static NativeLibraryException? s_failure;

    /// <summary>The libtorch version that this TorchSharp was built for: major and minor.</summary>
    public static Version RequiredVersion { get; } = new(2, 10);

    /// <summary>The libtorch version that was loaded; null before.</summary>
    public static Version? Version { get; private set; }

    /// <summary>The native libraries in use, in the order in which they were loaded; empty before.</summary>
    public static IReadOnlyList<NativeFile> Files
    {
        get
        {
            lock (s_gate) return [.. s_files];
        }
    }

    /// <summary>
    /// The folder for what is made once for this machine: <c>RETORT_CACHE</c>, or the user's local application data.
    /// </summary>
    public static string CacheFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } folder)
                return Path.GetFullPath(folder);

            var home = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return home.Length > 0 ? Path.Combine(home, "retort") : throw new InvalidOperationException(
                $"This user has no home folder to keep data in: set {CacheVariable} to a folder.");
        }
    }

    static string? NamedFolder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>
    /// Makes TorchSharp get its native libraries from here. Costs nothing until TorchSharp is loaded.
    /// </summary>
    public static void Register()
    {
        if (Interlocked.Exchange(ref s_registered, 1) == 1) return;

        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Resolve(name);
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => OnAssembly(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) OnAssembly(assembly);
    }

    /// <summary>Loads libtorch and TorchSharp's native library, once. Call it before training.</summary>
    /// <exception cref="NativeLibraryException">They cannot be loaded here; the message says why.</exception>
    public static void EnsureLoaded()
    {
        lock (s_gate)
        {
            if (!s_tried) TryLoad();
            if (s_failure is not null) throw s_failure;
        }
    }

    /// <summary>The handle of a loaded library by its plain name; 0 if it is not loaded.</summary>
    internal static nint Handle(string name)
    {
        EnsureLoaded();
        lock (s_gate) return s_handles.GetValueOrDefault(name);
    }

    /// <summary>
    /// Runs for each assembly. Some commands only look at TorchSharp's types: libtorch is loaded right away only where
    /// TorchSharp's search would find another one. The system's loader then knows ours by its name.
    /// </summary>
    static void OnAssembly(Assembly assembly)
    {
        if (assembly.GetName().Name != "TorchSharp") return;
        if (OperatingSystem.IsLinux() && NamedFolder is null && !SystemHasLibtorch()) return;

        Resolve(TorchCpu);
    }

    /// <summary>Whether the system's loader would find a libtorch of its own, such as Debian's python3-torch.</summary>
    static bool SystemHasLibtorch()
    {
        const string Library = "libtorch_cpu.so";
        const string LoaderCache = "/etc/ld.so.cache";
        var libraryPath = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "";
        if (Find(libraryPath.Split(':', StringSplitOptions.RemoveEmptyEntries), Library) is not null) return true;

        try
        {
            var cache = InputFile.ReadAllBytes(LoaderCache, Array.MaxLength);
            return cache.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Library)) >= 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)  // no such cache here
        {
            return false;
        }
    }

    /// <summary>The runtime calls this after its own search has failed.</summary>
    static nint Resolve(string name)
    {
        try
        {
            lock (s_gate)
            {
                if (!s_tried) TryLoad();
                return s_handles.GetValueOrDefault(name);
            }
        }
        catch (Exception error)                                             // must not escape: see the remarks
        {
            s_failure ??= new($"libtorch cannot be loaded: {error.Message}", error);
            return 0;
        }
    }

    static void TryLoad()
    {
        s_tried = true;
        OpenMpWait.Shorten();
        try
        {
            if (NamedFolder is { } folder) LoadNamed(Path.GetFullPath(folder));
            else LoadPackaged();
        }
        catch (NativeLibraryException error)
        {
            s_failure = error;
        }
        catch (Exception error) when (
            error is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException
                or InvalidOperationException or DllNotFoundException or BadImageFormatException)
        {
            s_failure = new($"libtorch cannot be loaded: {LastLine(error.Message)}", error);
        }
    }

    static void LoadPackaged()
    {
        var folders = Search;
        FindOrThrow(folders, TorchCpu);
        foreach (var name in (ReadOnlySpan<string>)["c10", TorchCpu, "torch"])
        {
            var path = Find(folders, FileName(name));
            Load(name, path, Origin(path));
        }
        CheckVersion("the package");
        LoadShim(folders);
    }

    static void LoadNamed(string folder)
    {
        var torchCpu = FileName(TorchCpu);
        if (!Directory.Exists(folder))
            throw new NativeLibraryException($"{FolderVariable} names {folder}, which is not a folder.");
        if (!File.Exists(Path.Combine(folder, torchCpu)))
            throw new NativeLibraryException(
                $"{FolderVariable} names {folder}, which has no {torchCpu}; "
                + $"it must be the lib folder of libtorch {RequiredVersion}.");
        if (Find(RuntimeSearch, torchCpu) is { } other)
            throw new NativeLibraryException(
                $"{FolderVariable} cannot replace {other}, which the .NET runtime would load too: "
                + "reference the libtorch package with ExcludeAssets=\"native\".");

        var hasCuda = File.Exists(Path.Combine(folder, FileName("torch_cuda")));
        ReadOnlySpan<string> names = hasCuda
            ? ["c10", TorchCpu, "c10_cuda", "torch_cuda", "torch"]
            : ["c10", TorchCpu, "torch"];
        foreach (var name in names)
        {
            var path = Path.Combine(folder, FileName(name));
            Load(name, File.Exists(path) ? path : null, FolderVariable);
            if (name == TorchCpu) CheckVersion($"{FolderVariable} ({folder})");
        }
        LoadShim(Search);
    }

    static void LoadShim(string[] folders)
    {
        var path = FindOrThrow(folders, Shim);
        try
        {
            Load(Shim, path, Origin(path));
        }
        catch (NativeLibraryException error) when (NeedsPatch(error))
        {
            Load(Shim, MakePatchedCopy(path), $"patched copy of {path}");
        }

        static bool NeedsPatch(NativeLibraryException error) => error.InnerException!.Message
            .Contains($"`{LibraryPatch.Version}' not found", StringComparison.Ordinal);
    }

    static string MakePatchedCopy(string path)
    {
        try
        {
            return LibraryPatch.Copy(path, CacheFolder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new NativeLibraryException(
                $"{FileName(Shim)} needs a patched copy on this system, which cannot be written to {CacheFolder} "
                + $"({cause.Message}); let {CacheVariable} name a folder that can be written to.", cause);
        }
    }

    static string FindOrThrow(string[] folders, string name)
    {
        var file = FileName(name);
        return Find(folders, file) ?? throw new NativeLibraryException(name == Shim
            ? $"{file} was not found: restore the package TorchSharp for {Rid}."
            : $"{file} was not found: restore the package libtorch-cpu-{Rid}, or let {FolderVariable} name a folder "
                + $"that has libtorch {RequiredVersion}.");
    }

    static void Load(string name, string? path, string origin)
    {
        if (path is null) return;                       // some builds link c10 and torch into torch_cpu

        try
        {
            s_handles[name] = NativeLibrary.Load(path);
            s_files.Add(new(name, path, origin));
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw LoadFailure(path, error);
        }
    }

    static void CheckVersion(string origin)
    {
        var file = FileName(TorchCpu);
        if (LibraryVersion.Of(s_handles[TorchCpu]) is not { } version)
            throw new NativeLibraryException(
                $"{file} from {origin} does not say which libtorch it is; {RequiredVersion} is needed.");
        if (version.Major != RequiredVersion.Major || version.Minor != RequiredVersion.Minor)
            throw new NativeLibraryException(
                $"{file} from {origin} is libtorch {version}; {RequiredVersion} is needed.");

        Version = version;
    }

    static NativeLibraryException LoadFailure(string path, Exception error)
    {
        var line = LastLine(error.Message);
        var index = line.IndexOf("`GLIBC", StringComparison.Ordinal);
        if (index < 0)
        {
            var reason = line.Replace(path + ": ", "", StringComparison.Ordinal);
            return new($"{path} cannot be loaded: {reason}.", error);
        }

        var version = line[(index + 1)..line.IndexOf('\'', index)];
        var library = version.StartsWith("GLIBCXX", StringComparison.Ordinal) ? "libstdc++" : "libc";
        return new(
            $"{path} needs {version}, which this system's {library} lacks; "
            + "Debian 12, Ubuntu 22.04 and later are new enough.", error);
    }

    static string LastLine(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1].TrimEnd('.');
}
