using System.Buffers;

namespace Retort.Cli.Grammar;

/// <summary>Command lines in messages, written so that they can be copied into a shell.</summary>
static class ShellText
{
    static readonly SearchValues<char> SafeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%");

    /// <summary>One line; words that a shell would split are quoted.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>The <c>--set</c> options for these settings.</summary>
    public static IEnumerable<string> SetOptions(IEnumerable<string> settings) =>
        settings.SelectMany(setting => (string[])["--set", setting]);

    /// <summary>
    /// Replaces <c>retort</c> in a text's commands by what was typed: the script in a checkout is not on the path.
    /// </summary>
    public static string WithToolName(string text)
    {
        if (Environment.GetEnvironmentVariable("RETORT_CALLED") is not { Length: > 0 } name) return text;

        if (name.Contains(' ', StringComparison.Ordinal)) name = $"'{name}'";
        return text.Replace("`retort ", $"`{name} ", StringComparison.Ordinal);
    }

    static string Quote(string word) => word.AsSpan().IndexOfAnyExcept(SafeCharacters) < 0
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
