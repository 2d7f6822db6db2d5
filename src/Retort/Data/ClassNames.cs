using System.Globalization;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>Where names of classes come from.</summary>
static class ClassNames
{
    const int Most = 65536;

    /// <summary>A text file with one name a line; null where there is no such file.</summary>
    public static IReadOnlyList<string>? In(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? Of(File.ReadLines(path), path) : null;
    }

    /// <summary>One name a line; empty lines at the end do not count.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> lines, string path)
    {
        var names = lines.Take(Most + 1).Select(line => line.Trim()).ToList();
        while (names.Count > 0 && names[^1].Length == 0) names.RemoveAt(names.Count - 1);
        if (names.Count is 0 or > Most)
            throw new InvalidDataException(
                Invariant($"{path} must name 1 to {Most} classes; it has {names.Count} lines."));
        var twice = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1 || group.Key.Length == 0);
        return twice is null ? names
            : throw new InvalidDataException(
                $"{path}: each line must be one class's own name; \"{twice.Key}\" stands there {twice.Count()} times.");
    }

    /// <summary>0, 1, 2, ….</summary>
    public static IReadOnlyList<string> Numbers(int count) =>
        [.. Enumerable.Range(0, count).Select(k => k.ToString(CultureInfo.InvariantCulture))];
}
