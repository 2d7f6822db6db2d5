using System.Globalization;

namespace Retort.Data;

/// <summary>Reads a field of a table as a number, and says why another one is none.</summary>
static class TableNumber
{
    // what pandas reads as missing, and the question mark of the UCI repository
    static readonly HashSet<string> s_missing = new(StringComparer.Ordinal)
    {
        "", "?", "NA", "<NA>", "#NA", "N/A", "n/a", "#N/A", "#N/A N/A", "NaN", "nan", "NAN", "-NaN", "-nan", "NULL",
        "null", "Null", "None", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
    };

    /// <summary>Whether programs write this text where a value is missing.</summary>
    public static bool IsMissing(string field) => s_missing.Contains(field.Trim());

    /// <summary>Whether a field is a number, finite or not.</summary>
    public static bool IsNumber(string field) =>
        !IsMissing(field) && (field.Trim('+', '-').Equals("inf", StringComparison.OrdinalIgnoreCase)
            || double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    /// <summary>Whether a field is a text and not a number or a missing value.</summary>
    public static bool IsWord(string field) => !IsMissing(field) && !IsNumber(field);

    /// <summary>Reads a finite number.</summary>
    public static bool TryRead(string field, out float value) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);

    /// <summary>What to do about a field that is no finite number; begins with a semicolon or is empty.</summary>
    public static string Hint(string field, char separator)
    {
        if (IsMissing(field)) return "; every feature must have a value";
        if (IsNumber(field)) return "";
        if (field.AsSpan().IndexOfAny(';', '\t', '|') >= 0)
            return $"; {Named(separator)} must be between two columns";
        if (IsNumberWithCommas(field)) return "; a number has a decimal point and no thousands separator";
        if (bool.TryParse(field, out _)) return "; write true and false as 1 and 0";
        if (DateTime.TryParse(field, CultureInfo.InvariantCulture, out _))
            return "; write a date or time as a number, such as days since the first one";
        return field.Any(char.IsLetter) && !field.Any(char.IsAsciiDigit)
            ? "; write a category as one column of 0 and 1 for each of its values, or leave the column out"
            : "";
    }

    /// <summary>A separator as messages name it.</summary>
    public static string Named(char separator) => separator == '\t' ? "a tab" : $"\"{separator}\"";

    /// <summary>A field as messages show it.</summary>
    public static string Shorten(string field) => field.Shortened(40);

    static bool IsNumberWithCommas(string field)
    {
        var digits = field.Where(c => !(c is ',' or '.' or '\'' || char.IsWhiteSpace(c))).ToArray();
        return digits.Length < field.Length && IsNumber(new string(digits));
    }
}
