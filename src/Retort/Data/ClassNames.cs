using System.Globalization;

namespace Retort.Data;

/// <summary>Names of a dataset's classes.</summary>
static class ClassNames
{
    const int MaxCount = 65536;

    /// <summary>Reads a text file with one name per line; null where there is no such file.</summary>
    public static IReadOnlyList<string>? ReadFile(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? Parse(JsonFile.ReadText(path).Split('\n'), path) : null;
    }

    /// <summary>Takes one name from each line. Empty lines at the end do not count.</summary>
    public static IReadOnlyList<string> Parse(IEnumerable<string> lines, string path)
    {
        var names = lines.Take(MaxCount + 1).Select(line => line.Trim()).ToList();
        while (names.Count > 0 && names[^1].Length == 0) names.RemoveAt(names.Count - 1);
        if (names.Count is 0 or > MaxCount)
            throw new InvalidDataException(
                Invariant($"{path} must name 1 to {MaxCount} classes; it has {names.Count} lines."));

        var wrong = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1 || group.Key.Length == 0);
        return wrong is null ? names : throw new InvalidDataException(
            $"{path}: each line must be the name of another class; \"{wrong.Key}\" is there {wrong.Count()} times.");
    }

    /// <summary>The names 0, 1, 2, ….</summary>
    public static IReadOnlyList<string> Numbered(int count) =>
        [.. Enumerable.Range(0, count).Select(k => k.ToString(CultureInfo.InvariantCulture))];
}
