using System.Globalization;
using System.Text;

namespace Retort;

/// <summary>Makes text that comes from a file, such as a tensor's name, safe to print in a one-line message.</summary>
/// <remarks>
/// Retort.Tensors, Retort.Runtime and Retort.Cli do not share internals, so this file is compiled into each of them.
/// </remarks>
static class PlainText
{
    /// <summary>
    /// Escapes line ends and other control characters as <c>\uXXXX</c>, so that the text stays on one line and cannot
    /// send commands to a terminal.
    /// </summary>
    public static string OnOneLine(this string text) => Escaped(text, keepsLines: false);

    /// <summary>The same, but line ends and tabs stay.</summary>
    public static string Printable(this string text) => Escaped(text, keepsLines: true);

    /// <summary>The beginning of a text that is longer than this, with an ellipsis.</summary>
    public static string Shortened(this string text, int length) =>
        text.Length <= length ? text : text[..(length - 1)] + "…";

    static string Escaped(string text, bool keepsLines)
    {
        if (!text.Any(IsControl)) return text;

        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsControl(text[i]) || keepsLines && IsLineEndOrTab(text, i)) escaped.Append(text[i]);
            else escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
        }
        return escaped.ToString();
    }

    // a carriage return alone goes back to the line's beginning
    static bool IsLineEndOrTab(string text, int i) =>
        text[i] is '\n' or '\t' || text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n';

    // line and paragraph separators, and marks that change the direction of text, are no control characters for .NET
    static bool IsControl(char letter) => char.IsControl(letter)
        || letter is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
