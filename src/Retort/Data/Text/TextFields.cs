using System.Globalization;

namespace Retort.Data.Text;

/// <summary>Makes an example of the fields of one row, and refuses those that say nothing.</summary>
static class TextFields
{
    /// <param name="fields">Text, second text, label and value; null for what is not there.</param>
    /// <param name="columns">What must be there.</param>
    /// <param name="wrong">Makes the exception with the row's place.</param>
    public static TextRow Row(
        IReadOnlyList<string?> fields, TextColumns columns, Func<string, InvalidDataException> wrong)
    {
        var text = Text(fields[0], columns.Names.Text);
        var second = columns.Second is null ? null : Text(fields[1], columns.Names.SecondText);
        var label = columns.Label is null ? null : Label(fields[2]);
        return new(text, second, label, columns.Value is null ? float.NaN : Value(fields[3]));

        string Text(string? field, string what) =>
            string.IsNullOrWhiteSpace(field) ? throw wrong($"the {what} is empty") : field.Trim();

        string Label(string? field)
        {
            if (string.IsNullOrWhiteSpace(field)) throw wrong($"the {columns.Names.Class} is missing");
            if (TableNumber.IsMissing(field)) throw wrong(
                $"the {columns.Names.Class} must not be missing; it is \"{field.Trim()}\", which stands for a missing "
                + "value");
            return field.Trim();
        }

        float Value(string? field)
        {
            if (string.IsNullOrWhiteSpace(field)) return float.NaN;
            return TableNumber.TryRead(field.Trim(), out var value) ? value
                : throw wrong($"the value must be a finite number; it is \"{field.Trim().Shortened(40)}\"");
        }
    }
}
