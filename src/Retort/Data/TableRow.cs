using System.Globalization;

namespace Retort.Data;

/// <summary>One line of a table.</summary>
/// <param name="Columns">The table's columns.</param>
/// <param name="Fields">The line's fields.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line, from 1.</param>
readonly record struct TableRow(TableColumns Columns, IReadOnlyList<string> Fields, string Path, int Line)
{
    const int ExactLength = 6;                           // so many digits are told apart in float32

    /// <summary>The features, in the network's order.</summary>
    public float[] Numbers(char separator)
    {
        var values = new float[Columns.Features.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var column = Columns.Features[i];
            if (!TableNumber.TryRead(Fields[column], out values[i])) throw Wrong(
                column, "the value must be a finite number; "
                    + $"it is \"{TableNumber.Shorten(Fields[column])}\"{TableNumber.Hint(Fields[column], separator)}");
        }
        return values;
    }

    /// <summary>Reads a label or value; NaN where the field is empty.</summary>
    /// <param name="isLabel">Whether it must be 0 or 1.</param>
    public Func<int, float> ReadTarget(bool isLabel)
    {
        var row = this;
        return column =>
        {
            var field = row.Fields[column];
            if (field.Length == 0) return float.NaN;

            var isNumber = TableNumber.TryRead(field, out var value);
            var shown = TableNumber.Shorten(field);
            if (isLabel && !(isNumber && value is 0 or 1))
                throw row.Wrong(column, $"a label must be 0, 1 or empty; it is \"{shown}\"");
            return isNumber ? value
                : throw row.Wrong(column, $"the value must be a finite number or empty; it is \"{shown}\"");
        };
    }

    /// <summary>A field in float64; long fields alone can differ from the float32.</summary>
    public double Exact(int column, float value) => Fields[column].Length <= ExactLength ? value
        : double.Parse(Fields[column], NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Converts numbers to the bytes of pixels.</summary>
    public byte[] ToBytes(float[] values, int scale)
    {
        var bytes = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!(value >= 0 && value <= scale && value == MathF.Floor(value))) throw Wrong(
                Columns.Features[i], Invariant($"a pixel must be an integer from 0 to {scale}; it is {value}"));
            bytes[i] = (byte)value;
        }
        return bytes;
    }

    /// <summary>The exception for what is wrong in a column.</summary>
    public InvalidDataException Wrong(int column, string what) =>
        TableLines.Wrong(Path, Line, $"{Columns.Describe(column)}: {what}");
}
