using System.Globalization;
using Parquet.Schema;
using Retort.Data.Parquet;

namespace Retort.Data.Text;

/// <summary>Reads the examples of one Parquet file, as Hugging Face publishes data sets of texts.</summary>
/// <param name="path">The file.</param>
/// <param name="columns">The columns. Without a label and a value the rows have none.</param>
/// <param name="budget">The memory that the texts may take.</param>
sealed class TextParquet(string path, TextColumns columns, MemoryLimit budget)
{
    /// <summary>The examples in the order of the file.</summary>
    /// <param name="found">Called with the names of the columns of texts.</param>
    public IEnumerable<TextRow> Read(Action<IReadOnlyList<string>> found)
    {
        using var file = new ParquetFile(path, budget);
        List<string> names = [.. file.Fields.Select(ParquetFile.NameOf)];
        var text = columns.Text is null && file.Fields.Where(IsFreeText).ToList() is [var only]
            ? ParquetFile.NameOf(only) : columns.TextName(names, path);
        found(columns.Second is { } second ? [text, second] : [text]);
        DataField?[] fields = [.. columns.All(text).Select(column => Find(file, column))];
        for (var group = 0; group < file.GroupCount; group++)
        {
            string?[]?[] values = [.. fields.Select(field => field is null ? null : Texts(file, group, field))];
            for (var row = 0; row < values[0]!.Length; row++)
                yield return TextFields.Row([.. values.Select(column => column?[row])], columns,
                    what => new(Invariant($"{path}, row group {group + 1}, row {row + 1}: {what}.")));
        }
    }

    bool IsFreeText(DataField field) =>
        ParquetFile.IsText(field) && ParquetFile.NameOf(field) is var name && name != columns.Second
        && name != columns.Label && name != columns.Value;

    DataField? Find(ParquetFile file, (string What, string? Name) column)
    {
        if (column.Name is null) return null;

        var isText = column.What == columns.Names.Text || column.What == columns.Names.Second;
        return file.Fields.FirstOrDefault(field => ParquetFile.NameOf(field) == column.Name
                && (ParquetFile.IsText(field) || !isText && ParquetFile.IsNumber(field)))
            ?? throw new InvalidDataException(
                $"{path}: the {column.What} \"{column.Name}\" must be one of its columns of "
                + $"{(isText ? "texts" : "texts or numbers")}; it has {file.ColumnList}.");
    }

    static string?[] Texts(ParquetFile file, int group, DataField field)
    {
        if (ParquetFile.IsText(field)) return file.ReadTexts(group, field);

        var names = file.ClassNames.GetValueOrDefault(ParquetFile.NameOf(field));
        return [.. file.ReadNumbers(group, field).Select(Name)];

        string? Name(double? number) => number is not { } value ? null
            : names is not null && value >= 0 && value < names.Count && value == Math.Floor(value) ? names[(int)value]
            : value.ToString("R", CultureInfo.InvariantCulture);
    }
}
