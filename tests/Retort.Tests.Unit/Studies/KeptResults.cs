using Retort.Tests.House;

namespace Retort.Tests.Studies;

/// <summary>The results that are kept beside recipes.</summary>
static class KeptResults
{
    const string Ending = ".results.json";

    /// <summary>All of them but those of studies, relative to the checkout.</summary>
    public static IEnumerable<string> All => Directory
        .GetFiles(Repository.At("recipes"), $"*{Ending}", SearchOption.AllDirectories)
        .Where(path => !Path.GetFileName(path).StartsWith("fidelity-", StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace(Path.DirectorySeparatorChar, '/'))
        .Order(StringComparer.Ordinal);

    /// <summary>The file of the only recipe of this name, whatever folder it is in.</summary>
    public static string PathOf(string recipe) => Directory.GetFiles(
        Repository.At("recipes"), $"{recipe}{Ending}", SearchOption.AllDirectories).Single();
}
