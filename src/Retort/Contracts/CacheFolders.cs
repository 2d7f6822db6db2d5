using Retort.Tensors.Native;

namespace Retort.Contracts;

/// <summary>Where Retort keeps what can be fetched or made again; a variable moves each.</summary>
public static class CacheFolders
{
    /// <summary>What <see cref="Data"/> is taken from when it is set.</summary>
    public const string DataVariable = "RETORT_DATA";

    /// <summary>What <see cref="Root"/> is taken from when it is set.</summary>
    public const string RootVariable = NativeLoader.CacheVariable;

    /// <summary>The folder of all caches: <c>RETORT_CACHE</c>, or the user's own.</summary>
    public static string Root => NativeLoader.CacheFolder;

    /// <summary>
    /// The folder of whole data sets, one folder each, which <c>retort data get</c> fills and <c>cache:NAME</c> in a recipe
    /// names: <c>RETORT_DATA</c>, or <c>data</c> in <see cref="Root"/>.
    /// </summary>
    public static string Data => Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } value
        ? Path.GetFullPath(value) : Path.Combine(Root, "data");
}
