using System.Runtime.InteropServices;

namespace Retort.Tensors.Native;

/// <summary>Where native libraries are looked for, and what their files are called.</summary>
static class NativeFolders
{
    /// <summary>Runtime identifier of this system, such as <c>linux-x64</c>.</summary>
    public static string Rid => RuntimeInformation.RuntimeIdentifier;

    /// <summary>
    /// The folder beside a published program, NuGet's folder as the build noted it, and the runtime's own folders.
    /// </summary>
    public static string[] Search =>
    [
        Path.Combine(AppContext.BaseDirectory, "libtorch"),
        AppContext.GetData("Retort.Libtorch") as string ?? "",
        .. RuntimeSearch,
    ];

    /// <summary>The folders in which the .NET runtime itself looks.</summary>
    public static string[] RuntimeSearch
    {
        get
        {
            var folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
            return
            [
                .. folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), AppContext.BaseDirectory,
            ];
        }
    }

    /// <summary>The first of these folders' files of this name; null if there is none.</summary>
    public static string? Find(string[] folders, string file) =>
        folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);

    /// <summary>The file name of a library by its plain name: <c>libtorch_cpu.so</c> for <c>torch_cpu</c>.</summary>
    public static string FileName(string library)
    {
        if (OperatingSystem.IsWindows()) return library + ".dll";
        return OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
    }

    /// <summary>A short description of where a file came from.</summary>
    public static string Origin(string? path) =>
        path?.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) == true ? "beside the program" : "NuGet";
}
