using System.Globalization;
using System.Text;

namespace Retort;

/// <summary>What a file says, in a message of ours: names and texts come from whoever made it.</summary>
/// <remarks>Compiled into the two floors that read files and name nobody: neither may name the other.</remarks>
static class Legible
{
    /// <summary>The same with line ends and other control characters spelled out: a message is one line, and tells a terminal nothing.</summary>
    public static string OnOneLine(this string text)
    {
        if (!text.Any(IsControl)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
            if (!IsControl(letter)) shown.Append(letter);
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        return shown.ToString();
    }

    static bool IsControl(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e');
}
