using System.Globalization;
using System.Text;

namespace Retort.Data.Audio;

/// <summary>The table that ESC-50 and UrbanSound8K come with, of which the classes' names are read.</summary>
static class ClassTable
{
    /// <summary>The classes' names by their number.</summary>
    /// <param name="content">The table: fields without quotes between commas, names of columns first.</param>
    /// <param name="path">The path that messages name.</param>
    /// <param name="number">The column of numbers.</param>
    /// <param name="name">The column of names.</param>
    /// <exception cref="InvalidDataException">
    /// It is not UTF-8, a column or a field is missing, a class has two names, or two classes have one.
    /// </exception>
    public static SortedDictionary<int, string> Read(byte[] content, string path, string number, string name)
    {
        var lines = Text(content, path).TrimStart('\ufeff').ReplaceLineEndings("\n").Split('\n');
        string[] columns = [.. lines[0].Split(',').Select(column => column.Trim())];
        var (numberAt, nameAt) = (Column(number), Column(name));
        var names = new SortedDictionary<int, string>();
        var unique = new ClassLabels();
        foreach (var (line, text) in lines.Index().Skip(1).Where(pair => pair.Item.Trim().Length > 0))
        {
            var fields = text.Split(',');
            var shown = Invariant($"{path}, line {line + 1}");
            if (fields.Length != columns.Length) throw new InvalidDataException(Invariant(
                $"{shown} must have {columns.Length} fields as the first line; it has {fields.Length}."));
            if (!int.TryParse(fields[numberAt].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var key))
                throw new InvalidDataException(
                    $"{shown}: \"{number}\" must be a number of a class; it is \"{fields[numberAt].Shortened(40)}\".");

            var value = unique.Unique(fields[nameAt].Trim(), out var isNew);
            if (!names.TryAdd(key, value))
            {
                if (names[key] != value) throw new InvalidDataException(
                    Invariant($"{shown}: class {key} must have one name; it has \"{names[key]}\" and ")
                    + $"\"{value.Shortened(40)}\".");
            }
            else if (!isNew)
            {
                var other = names.First(pair => pair.Value == value && pair.Key != key).Key;
                throw new InvalidDataException(Invariant(
                    $"{shown}: class {key} must have a name of its own; \"{value.Shortened(40)}\" is that of class ")
                    + Invariant($"{other}."));
            }
        }
        return names;

        int Column(string wanted) => Array.IndexOf(columns, wanted) is >= 0 and var at ? at
            : throw new InvalidDataException($"{path} must have a column \"{wanted}\"; it has "
                + $"{string.Join(", ", columns.Take(20)).Shortened(200)}.");
    }

    static string Text(byte[] content, string path)
    {
        try
        {
            return TableLines.Utf8.GetString(content);
        }
        catch (DecoderFallbackException error)
        {
            var invalid = Convert.ToHexString(error.BytesUnknown ?? []);
            throw new InvalidDataException($"{path} must be text in UTF-8; the bytes {invalid} are not.", error);
        }
    }
}
