using Retort.Studies.Fidelity;

namespace Retort.Tests.House;

/// <summary>The files the tests were built from.</summary>
static class Repository
{
    /// <summary>The folder of Retort.slnx.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A file by its path from the root.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Recipes that are kept: name and path from the root.</summary>
    public static IEnumerable<string> Recipes =>
        Described.Where(file => !Retort.Studies.Fidelity.FidelityRecipe.IsAt(At(file)));

    /// <summary>Studies that are kept, likewise.</summary>
    public static IEnumerable<string> Studies =>
        Described.Where(file => Retort.Studies.Fidelity.FidelityRecipe.IsAt(At(file)));

    // NAME.json; NAME.results.json and the like are what came of it
    static IEnumerable<string> Described =>
        Directory.EnumerateFiles(At("recipes"), "*.json", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileNameWithoutExtension(file).Contains('.', StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Root, file))
            .Order(StringComparer.Ordinal);

    /// <summary>Text files of ours, by their path from the root: no build output, no runs, no data.</summary>
    public static IEnumerable<string> Texts
    {
        get
        {
            string[] folders = ["src", "tests", "docs", "recipes", "samples", "bench", "tools", ".ci"];
            string[] endings =
            [
                ".cs", ".csproj", ".props", ".slnx", ".json", ".md", ".py", ".sh", ".txt", ".cmd", ".js", ".mjs",
                ".html", ".css", "",
            ];
            return folders.Select(At)
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                .Concat(Directory.EnumerateFiles(Root))
                .Where(file => endings.Contains(Path.GetExtension(file)) && new FileInfo(file).Length < 1 << 20)
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
                    && !file.Contains("/bin/", StringComparison.Ordinal)
                    && !file.Contains("/node_modules/", StringComparison.Ordinal)
                    && Path.GetFileName(file) != "package-lock.json");
        }
    }

    static string Find(string folder) => File.Exists(Path.Combine(folder, "Retort.slnx")) ? folder
        : Path.GetDirectoryName(folder) is { } above ? Find(above)
        : throw new InvalidOperationException("The tests stand in no folder that holds Retort.slnx.");
}
