namespace Retort;

/// <summary>Where Retort keeps what can be fetched or made again; a variable moves each.</summary>
public static class CacheFolders
{
    /// <summary>What <see cref="Data"/> is taken from when it is set.</summary>
    public const string DataVariable = "RETORT_DATA";

    /// <summary>What <see cref="Root"/> is taken from when it is set.</summary>
    public const string RootVariable = "RETORT_CACHE";

    /// <summary>The folder of all caches: <c>RETORT_CACHE</c>, or the user's own.</summary>
    public static string Root => Variable(RootVariable) ?? Path.Combine(Home(), "retort");

    /// <summary>
    /// The folder of whole data sets, one folder each, which <c>retort data get</c> fills and <c>cache:NAME</c> in a recipe
    /// names: <c>RETORT_DATA</c>, or <c>data</c> in <see cref="Root"/>.
    /// </summary>
    public static string Data => Variable(DataVariable) ?? Path.Combine(Root, "data");

    static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? Path.GetFullPath(value) : null;

    static string Home()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0 ? home : throw new InvalidOperationException(
            $"This user has no home folder to keep data in: set {RootVariable} to a folder.");
    }
}
