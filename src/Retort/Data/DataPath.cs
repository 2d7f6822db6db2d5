namespace Retort.Data;

/// <summary>Checks and names of the paths that datasets are read from.</summary>
static class DataPath
{
    static readonly string[] Endings = [".gz", ".zst", ".tgz", ".tar", ".csv", ".tsv"];

    /// <exception cref="InvalidDataException">There is no file or folder at this path.</exception>
    public static void MustExist(string path)
    {
        if (!Directory.Exists(path) && !File.Exists(path))
            throw new InvalidDataException($"{path} does not exist{Hint(path)}.");
    }

    /// <summary>What is wrong with the text of a path; null where nothing is.</summary>
    public static OptionError? Check(string option, string path) =>
        path.Length == 0 ? new(option, "must be the path of a file or folder; it is empty.")
        : path.Contains('\0') ? new(option, "must be the path of a file or folder; it has a NUL character.")
        : null;

    /// <summary>Refuses a path at which there is nothing; whether it is a file shows when it is opened.</summary>
    /// <exception cref="InvalidDataException">There is nothing at this path.</exception>
    public static void FileMustExist(string path)
    {
        if (!Path.Exists(path))
            throw new InvalidDataException($"{path} does not exist{Hint(Path.GetDirectoryName(path) ?? path)}.");
    }

    /// <summary>The name of a dataset: the last part of its path without endings.</summary>
    public static string NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        foreach (var ending in Endings)
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) name = name[..^ending.Length];
        return name;
    }

    static string Hint(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return Downloads.Known.Any(set => set.Name == name) ? $"; `retort data get {name}` downloads it" : "";
    }
}
