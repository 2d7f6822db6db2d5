namespace Retort.Data;

/// <summary>What every reader asks of a path before it reads.</summary>
static class Folder
{
    /// <summary>A file or folder must be at this path.</summary>
    public static void MustExist(string path)
    {
        if (!Directory.Exists(path) && !File.Exists(path))
            throw new InvalidDataException($"{path} is not there{Hint(path)}.");
    }

    /// <summary>A file must be at this path.</summary>
    public static void FileMustExist(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is not there{Hint(Path.GetDirectoryName(path) ?? path)}.");
    }

    /// <summary>What a report calls data from this path: its last part without endings.</summary>
    public static string NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        foreach (var ending in (ReadOnlySpan<string>)[".gz", ".zst", ".tgz", ".tar", ".csv", ".tsv"])
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) name = name[..^ending.Length];
        return name;
    }

    static string Hint(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return Downloads.Known.Any(set => set.Name == name) ? $"; `retort data get {name}` brings this set" : "";
    }
}
