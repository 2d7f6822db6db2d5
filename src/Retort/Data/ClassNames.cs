using System.Globalization;
using System.Numerics;
using System.Text;

namespace Retort.Data;

/// <summary>Names of a dataset's classes.</summary>
static class ClassNames
{
    const int MaxCount = 65536;
    const int MaxBytes = 16_000_000;
    const int MaxDigits = 400;                           // of integers; doubles end at 10³⁰⁸

    /// <summary>Reads a text file with one name per line; null where there is no such file.</summary>
    public static IReadOnlyList<string>? ReadFile(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return Path.Exists(path) ? Parse(InputFile.ReadAllBytes(path, MaxBytes), path) : null;
    }

    /// <summary>Takes one name from each line of a text in UTF-8, or with a byte order mark.</summary>
    public static IReadOnlyList<string> Parse(byte[] text, string path)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(text), TableLines.Utf8);
            return Parse(reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n'), path);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"{path} must be text in UTF-8; it is not.", error);
        }
    }

    /// <summary>Takes one name from each line. Empty lines at the end do not count.</summary>
    static List<string> Parse(IEnumerable<string> lines, string path)
    {
        var names = lines.Take(MaxCount + 1).Select(line => line.Trim()).ToList();
        while (names.Count > 0 && names[^1].Length == 0) names.RemoveAt(names.Count - 1);
        if (names.Count is 0 or > MaxCount)
            throw new InvalidDataException(
                Invariant($"{path} must name 1 to {MaxCount} classes; it has {names.Count} lines."));

        var wrong = names.GroupBy(UnicodeForm.Compose)
            .FirstOrDefault(group => group.Count() > 1 || group.Key.Length == 0);
        return wrong is null ? names : throw new InvalidDataException(
            $"{path}: each line must be the name of another class; \"{wrong.Key}\" is there {wrong.Count()} times.");
    }

    /// <summary>
    /// The distinct names: in numerical order if all are finite numbers, otherwise in ordinal order.
    /// </summary>
    public static string[] Sorted(IEnumerable<string> distinct)
    {
        string[] names = [.. distinct.Order(StringComparer.Ordinal)];
        if (names.All(name => Integer(name) is not null)) return [.. names.OrderBy(name => Integer(name))];
        return names.All(name => Number(name) is not null) ? [.. names.OrderBy(name => Number(name))] : names;
    }

    /// <summary>Refuses names that differ only in letter case or blanks, or are the same number.</summary>
    /// <exception cref="InvalidDataException">Two names are alike.</exception>
    public static void CheckDiffer(IReadOnlyList<string> names, string path)
    {
        // the letters of an alphabet may be classes in both cases
        var areLetters = names.Count > 10 && names.All(name => name.Length == 1);
        var first = new Dictionary<string, string>(
            areLetters ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            var visible = string.Concat(name.Where(c => char.GetUnicodeCategory(c) != UnicodeCategory.Format));
            var words = UnicodeForm.Compose(visible).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var key = NumberKey(name) ?? string.Join(' ', words);
            if (!first.TryAdd(key, name)) throw new InvalidDataException(
                $"{path}: the classes \"{first[key]}\" and \"{name}\" differ only in "
                + (Number(name) is null ? "letter case or blanks" : "how the number is written")
                + "; write them alike, or give one another name.");
        }
    }

    /// <summary>The names 0, 1, 2, ….</summary>
    public static IReadOnlyList<string> Numbered(int count) =>
        Numbered(0, count);

    /// <summary>So many names, from a first number on.</summary>
    public static IReadOnlyList<string> Numbered(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(k => k.ToString(CultureInfo.InvariantCulture))];

    // integers are compared exactly, other numbers as doubles
    static string? NumberKey(string name)
    {
        if (Number(name) is not { } number) return null;
        if (Integer(name, NumberStyles.AllowDecimalPoint) is { } whole) return Invariant($"{whole}");
        var isWhole = decimal.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            && exact != 0 && decimal.IsInteger(exact);
        return isWhole ? Invariant($"{new BigInteger(exact)}") : Invariant($"{number:R}");
    }

    static BigInteger? Integer(string name, NumberStyles others = NumberStyles.None)
    {
        if (name.Length > MaxDigits) return null;

        var styles = NumberStyles.AllowLeadingSign | others;
        return BigInteger.TryParse(name, styles, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    static double? Number(string name) =>
        double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : null;
}
