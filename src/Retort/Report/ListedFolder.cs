namespace Retort.Report;

/// <summary>
/// A folder that a list shows, and what is below it. Links below it are not followed: what they point to was not meant
/// to be listed.
/// </summary>
sealed class ListedFolder(string path)
{
    const int Deepest = 4;

    static readonly EnumerationOptions OwnFolders = new()
    {
        IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
    };

    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.Exists(path) ? System.IO.Path.GetFullPath(path)
        : throw new InvalidDataException($"{path}: there is no such folder; name one that holds runs.");

    /// <summary>The folders of all runs and studies below it, by their ids.</summary>
    public IReadOnlyList<string> Runs() => [.. RunsIn(Path, 0).Order(StringComparer.Ordinal)];

    /// <summary>The id of a run's folder: its path below the list's folder.</summary>
    public string Id(string run) =>
        System.IO.Path.GetRelativePath(Path, run).Replace(System.IO.Path.DirectorySeparatorChar, '/');

    /// <summary>A run's folder; null where no run that is listed has this id.</summary>
    public string? RunOf(string id)
    {
        if (IsRun(Path)) return id == "." ? Path : null;

        var names = id.Split('/');
        if (names.Length > Deepest) return null;
        var found = Path;
        foreach (var name in names)
        {
            if (IsRun(found) || Child(found, name) is not { } child) return null;
            found = child;
        }
        return IsRun(found) ? found : null;
    }

    /// <summary>A file of a run's folder; null where it is missing or reached through a link.</summary>
    public static string? File(string run, params ReadOnlySpan<string> names)
    {
        var found = run;
        foreach (var name in names)
        {
            found = System.IO.Path.Combine(found, name);
            if (!System.IO.File.Exists(found) && !Directory.Exists(found)) return null;
            if ((System.IO.File.GetAttributes(found) & FileAttributes.ReparsePoint) != 0) return null;
        }
        return System.IO.File.Exists(found) ? found : null;
    }

    /// <summary>The folders of a run's networks, the shortest names first.</summary>
    public static IReadOnlyList<string> Networks(string run)
    {
        var networks = new DirectoryInfo(System.IO.Path.Combine(run, "networks"));
        if (!networks.Exists || (networks.Attributes & FileAttributes.ReparsePoint) != 0) return [];

        return [.. networks.EnumerateDirectories("*", OwnFolders).Select(network => network.FullName)
            .OrderBy(network => network.Length).ThenBy(network => network, StringComparer.Ordinal)];
    }

    static bool IsRun(string folder) => System.IO.File.Exists(System.IO.Path.Combine(folder, "run.json"));

    static string? Child(string folder, string name) => new DirectoryInfo(folder).EnumerateDirectories("*", OwnFolders)
        .FirstOrDefault(child => child.Name == name)?.FullName;

    static IEnumerable<string> RunsIn(string folder, int depth)
    {
        if (IsRun(folder)) return [folder];
        if (depth == Deepest) return [];

        return new DirectoryInfo(folder).EnumerateDirectories("*", OwnFolders)
            .SelectMany(child => RunsIn(child.FullName, depth + 1));
    }
}
