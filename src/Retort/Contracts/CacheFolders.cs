using Retort.Tensors.Native;

namespace Retort.Contracts;

/// <summary>
/// The folders of files that can be downloaded or computed again; an environment variable moves each.
/// </summary>
public static class CacheFolders
{
    /// <summary>The environment variable that sets <see cref="Data"/>.</summary>
    public const string DataVariable = "RETORT_DATA";

    /// <summary>The environment variable that sets <see cref="Root"/>.</summary>
    public const string RootVariable = NativeLoader.CacheVariable;

    /// <summary>The folder of all caches: <c>RETORT_CACHE</c>, or a folder in the user's cache folder.</summary>
    public static string Root => NativeLoader.CacheFolder;

    /// <summary>
    /// The folder of downloaded data sets, one folder each: <c>RETORT_DATA</c>, or <c>data</c> in <see cref="Root"/>.
    /// <c>retort data get</c> fills it, and <c>cache:NAME</c> in a recipe names a folder in it.
    /// </summary>
    public static string Data => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } value
        ? Path.GetFullPath(value)
        : Path.Combine(Root, "data");
}
