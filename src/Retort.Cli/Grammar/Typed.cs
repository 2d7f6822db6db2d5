namespace Retort.Cli.Grammar;

/// <summary>Command lines as a person would type them again.</summary>
static class Typed
{
    static readonly System.Buffers.SearchValues<char> SafeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%");

    /// <summary>A verb on a file, with the settings and numbers that were given.</summary>
    public static string Again(string verb, string path, IReadOnlyList<string> settings, params IReadOnlyList<(string Option, int? Value)> numbers)
    {
        List<string> words = [path, .. settings.SelectMany(setting => (string[])["--set", setting])];
        foreach (var (option, value) in numbers)
            if (value is { } given) words.AddRange(option, FormattableString.Invariant($"{given}"));
        return $"{verb} {string.Join(' ', words.Select(Quoted))}";
    }

    /// <summary>A word that a shell takes as it is.</summary>
    public static string Quoted(string word) => word.AsSpan().IndexOfAnyExcept(SafeLetters) < 0 ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
