namespace Retort.Cli.Grammar;

/// <summary>Words as a person types them in a shell: what is printed can be copied.</summary>
static class ShellText
{
    static readonly System.Buffers.SearchValues<char> SafeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%");

    /// <summary>One line, quoted where a shell would take a word apart.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    /// <summary>What <c>--set</c> options are typed as.</summary>
    public static IEnumerable<string> Settings(IEnumerable<string> settings) => settings.SelectMany(setting => (string[])["--set", setting]);

    static string Quoted(string word) => word.AsSpan().IndexOfAnyExcept(SafeLetters) < 0 ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
