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
    /// <exception cref="InvalidDataException">A column or a field is missing, or a class has two names.</exception>
    public static SortedDictionary<int, string> Read(byte[] content, string path, string number, string name)
    {
        var lines = Encoding.UTF8.GetString(content).TrimStart('\ufeff').ReplaceLineEndings("\n").Split('\n');
        string[] columns = [.. lines[0].Split(',').Select(column => column.Trim())];
        var (numberAt, nameAt) = (Column(number), Column(name));
        var names = new SortedDictionary<int, string>();
        foreach (var (line, text) in lines.Index().Skip(1).Where(pair => pair.Item.Trim().Length > 0))
        {
            var fields = text.Split(',');
            var shown = Invariant($"{path}, line {line + 1}");
            if (fields.Length != columns.Length) throw new InvalidDataException(Invariant(
                $"{shown} must have {columns.Length} fields as the first line; it has {fields.Length}."));
            if (!int.TryParse(fields[numberAt].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var key))
                throw new InvalidDataException(
                    $"{shown}: \"{number}\" must be a number of a class; it is \"{fields[numberAt].Shortened(40)}\".");

            var value = fields[nameAt].Trim();
            if (names.TryAdd(key, value) || names[key] == value) continue;
            throw new InvalidDataException(Invariant(
                $"{shown}: class {key} must have one name; it has \"{names[key]}\" and \"{value.Shortened(40)}\"."));
        }
        return names;

        int Column(string wanted) => Array.IndexOf(columns, wanted) is >= 0 and var at ? at
            : throw new InvalidDataException($"{path} must have a column \"{wanted}\"; it has "
                + $"{string.Join(", ", columns.Take(20)).Shortened(200)}.");
    }
}
