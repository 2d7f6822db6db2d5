using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;

namespace Retort.Tensors.Native;

/// <summary>A native file of the engine: what it is, where it lies, and how it came to be that one.</summary>
public sealed record NativeFile(string Name, string Path, string Origin);

/// <summary>
/// Brings libtorch in before TorchSharp looks for it: from NuGet's folder or from the one that <c>RETORT_LIBTORCH</c>
/// names, with TorchSharp's own library mended where this system's libstdc++ needs it. Nothing is copied beside a program.
/// </summary>
/// <remarks>
/// TorchSharp answers a failed load by copying 0.5 GB into NuGet's folder, and an exception thrown while it loads ends the
/// process. So this class never throws there; it keeps the reason, and <see cref="EnsureLoaded"/> is the door that tells it.
/// </remarks>
public static class NativeLoader
{
    /// <summary>The variable that names another folder of libtorch, such as the <c>lib</c> of a Python torch with CUDA.</summary>
    public const string FolderVariable = "RETORT_LIBTORCH";

    /// <summary>The variable that names another <see cref="CacheFolder"/>.</summary>
    public const string CacheVariable = "RETORT_CACHE";

    /// <summary>The libtorch this TorchSharp was built for: major and minor.</summary>
    public static Version RequiredVersion { get; } = new(2, 10);

    /// <summary>The libtorch that was loaded; null before.</summary>
    public static Version? Version { get; private set; }

    const string Shim = "LibTorchSharp";
    static readonly Lock s_gate = new();
    static readonly List<NativeFile> s_files = [];
    static readonly Dictionary<string, nint> s_handles = [];
    static int s_watching;
    static bool s_tried;
    static NativeLibraryException? s_reason;

    /// <summary>The native files in use, in the order they were loaded; empty before the first load.</summary>
    public static IReadOnlyList<NativeFile> Files { get { lock (s_gate) return [.. s_files]; } }

    /// <summary>Sees to it that TorchSharp gets its native part from here. Costs nothing until TorchSharp is there.</summary>
    public static void Register()
    {
        if (Interlocked.Exchange(ref s_watching, 1) == 1) return;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Resolve(name);
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Meet(loaded.LoadedAssembly);
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) Meet(assembly);
    }

    /// <summary>
    /// TorchSharp's assembly has come, which some commands only look at. Where its search for a libtorch would find
    /// another one than ours, ours must be there first: then the system's loader knows it by its name.
    /// </summary>
    static void Meet(Assembly assembly)
    {
        if (assembly.GetName().Name != "TorchSharp") return;
        if (OperatingSystem.IsLinux() && Named is null && !SystemHasAnother()) return;
        Resolve("torch_cpu");
    }

    /// <summary>Whether the system's loader would find a libtorch of its own, such as that of Debian's python3-torch.</summary>
    static bool SystemHasAnother()
    {
        const string Library = "libtorch_cpu.so", Cache = "/etc/ld.so.cache";
        var folders = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        if (Find(folders, Library) is not null) return true;
        try { return File.ReadAllBytes(Cache).AsSpan().IndexOf(Encoding.ASCII.GetBytes(Library)) >= 0; }
        catch (IOException) { return false; }       // a system without that cache
        catch (UnauthorizedAccessException) { return true; }
    }

    static string? Named => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Loads the engine's native part, once; commands that train call it first.</summary>
    /// <exception cref="NativeLibraryException">It cannot be loaded here; the message says why.</exception>
    public static void EnsureLoaded()
    {
        lock (s_gate)
        {
            if (!s_tried) Try();
            if (s_reason is not null) throw s_reason;
        }
    }

    /// <summary>A loaded library by its plain name (<c>torch_cpu</c>, <c>LibTorchSharp</c>), for <see cref="Dispatcher"/>.</summary>
    internal static nint Handle(string name)
    {
        EnsureLoaded();
        lock (s_gate) return s_handles.GetValueOrDefault(name);
    }

    /// <summary>Asked by the runtime after its own search has failed.</summary>
    static nint Resolve(string name)
    {
        try
        {
            lock (s_gate)
            {
                if (!s_tried) Try();
                return s_handles.GetValueOrDefault(name);
            }
        }
        catch (Exception error)                     // must not leave this method: see the remarks
        {
            s_reason ??= new($"The engine's native part cannot be loaded: {error.Message}", error);
            return 0;
        }
    }

    static void Try()
    {
        s_tried = true;
        try
        {
            if (Named is { } named) LoadNamed(Path.GetFullPath(named));
            else LoadPackaged();
        }
        catch (NativeLibraryException error) { s_reason = error; }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or DllNotFoundException or BadImageFormatException)
        {
            s_reason = new($"The engine's native part cannot be loaded: {LastLine(error.Message)}", error);
        }
    }

    static string Found(string[] folders, string name) => Find(folders, FileName(name)) ?? throw new NativeLibraryException(name == Shim
        ? $"{FileName(name)} was not found: restore the package TorchSharp for {Rid}."
        : $"{FileName(name)} was not found: restore the package libtorch-cpu-{Rid}, or let {FolderVariable} name a folder that has libtorch {RequiredVersion}.");

    static void LoadPackaged()
    {
        var folders = Searched();
        Found(folders, "torch_cpu");
        foreach (var name in (ReadOnlySpan<string>)["c10", "torch_cpu", "torch"]) Load(name, Find(folders, FileName(name)), Origin(Find(folders, FileName(name))));
        CheckVersion("the package");
        LoadShim(folders);
    }

    static void LoadNamed(string folder)
    {
        var main = Path.Combine(folder, FileName("torch_cpu"));
        if (!Directory.Exists(folder)) throw new NativeLibraryException($"{FolderVariable} names {folder}, which is not a folder.");
        if (!File.Exists(main)) throw new NativeLibraryException($"{FolderVariable} names {folder}, which has no {FileName("torch_cpu")}; it must be the lib folder of libtorch {RequiredVersion}.");
        if (Find(OwnSearch(), FileName("torch_cpu")) is { } own)
            throw new NativeLibraryException($"{FolderVariable} cannot replace {own}, which the runtime itself would load too: reference the libtorch package with ExcludeAssets=\"native\".");
        var cuda = File.Exists(Path.Combine(folder, FileName("torch_cuda")));
        ReadOnlySpan<string> names = cuda ? ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"] : ["c10", "torch_cpu", "torch"];
        foreach (var name in names)
        {
            var path = Path.Combine(folder, FileName(name));
            Load(name, File.Exists(path) ? path : null, FolderVariable);
            if (name == "torch_cpu") CheckVersion($"{FolderVariable} ({folder})");
        }
        LoadShim(Searched());
    }

    static void Load(string name, string? path, string origin)
    {
        if (path is null) return;                   // torch and c10 are folded into torch_cpu in some builds
        try
        {
            s_handles[name] = NativeLibrary.Load(path);
            s_files.Add(new(name, path, origin));
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw Refused(path, error);
        }
    }

    static void LoadShim(string[] folders)
    {
        var path = Found(folders, Shim);
        try
        {
            Load(Shim, path, Origin(path));
        }
        catch (NativeLibraryException error) when (error.InnerException!.Message.Contains($"`{LibraryPatch.Version}' not found", StringComparison.Ordinal))
        {
            string copy;
            try { copy = LibraryPatch.Copy(path, CacheFolder); }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                throw new NativeLibraryException($"{FileName(Shim)} needs a mended copy on this system, which cannot be written to {CacheFolder} ({cause.Message}); let {CacheVariable} name a folder that can be written to.", cause);
            }
            Load(Shim, copy, $"mended copy of {path}");
        }
    }

    static void CheckVersion(string origin)
    {
        var word = LibraryVersion.Of(s_handles["torch_cpu"]);
        if (word is not { } version)
            throw new NativeLibraryException($"{FileName("torch_cpu")} from {origin} does not say which libtorch it is; {RequiredVersion} is needed.");
        if (version.Major != RequiredVersion.Major || version.Minor != RequiredVersion.Minor)
            throw new NativeLibraryException($"{FileName("torch_cpu")} from {origin} is libtorch {version}; {RequiredVersion} is needed.");
        Version = version;
    }

    static NativeLibraryException Refused(string path, Exception error)
    {
        var line = LastLine(error.Message);
        var at = line.IndexOf("`GLIBC", StringComparison.Ordinal);
        if (at < 0) return new($"{path} cannot be loaded: {line.Replace(path + ": ", "", StringComparison.Ordinal)}.", error);
        var version = line[(at + 1)..line.IndexOf('\'', at)];
        var library = version.StartsWith("GLIBCXX", StringComparison.Ordinal) ? "libstdc++" : "libc";
        return new($"{path} needs {version}, which this system's {library} lacks; Debian 12, Ubuntu 22.04 and later have what it takes.", error);
    }

    /// <summary>Where what is made once for this machine is kept: <c>RETORT_CACHE</c>, or the user's own data folder.</summary>
    public static string CacheFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } named) return Path.GetFullPath(named);
            var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return home.Length > 0 ? Path.Combine(home, "retort") : throw new InvalidOperationException(
                $"This user has no home folder to keep data in: set {CacheVariable} to a folder.");
        }
    }

    /// <summary>Beside a published program, in NuGet's folder as the build noted it, or wherever the runtime itself looks.</summary>
    static string[] Searched() =>
        [Path.Combine(AppContext.BaseDirectory, "libtorch"), AppContext.GetData("Retort.Libtorch") as string ?? "", .. OwnSearch()];

    static string[] OwnSearch() =>
        [.. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), AppContext.BaseDirectory];

    static string Origin(string? path) => path?.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) == true ? "beside the program" : "NuGet";

    static string? Find(string[] folders, string file) => folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    static string Rid => RuntimeInformation.RuntimeIdentifier;

    static string LastLine(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1].TrimEnd('.');
}
