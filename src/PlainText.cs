using System.Globalization;
using System.Text;

namespace Retort;

/// <summary>Makes text that comes from a file, such as a tensor's name, safe to print in a one-line message.</summary>
/// <remarks>
/// Retort.Tensors and Retort.Runtime both read files and do not reference each other, so this file is compiled into
/// each of them.
/// </remarks>
static class PlainText
{
    /// <summary>
    /// Escapes line ends and other control characters as <c>\uXXXX</c>, so that the text stays on one line and cannot
    /// send commands to a terminal.
    /// </summary>
    public static string OnOneLine(this string text)
    {
        if (!text.Any(IsControl)) return text;

        var escaped = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (IsControl(letter)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else escaped.Append(letter);
        }
        return escaped.ToString();
    }

    // line and paragraph separators, and marks that change the direction of text, are no control characters for .NET
    static bool IsControl(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e');
}
