using System.Buffers;
using System.Text;

namespace Retort.Runtime.Features.Text;

/// <summary>What a vocabulary and its settings must be like.</summary>
static class WordPieceCheck
{
    /// <summary>The range of <see cref="WordPieceSettings.MaxCharactersPerWord"/>.</summary>
    public const int MaxCharacters = 10_000;

    const int MaxSpecialTokens = 1000;                                      // each is looked for at each [ of a text

    /// <summary>What is wrong, as the end of a sentence about the vocabulary; null where nothing is.</summary>
    public static string? Problem(IReadOnlyList<string> vocabulary, WordPieceSettings settings)
    {
        var seen = new Dictionary<string, int>(vocabulary.Count, StringComparer.Ordinal);
        for (var i = 0; i < vocabulary.Count; i++)
        {
            if (ProblemOfToken(vocabulary[i]) is { } problem) return Invariant($"has a token, {i}, that {problem}");
            if (!seen.TryAdd(vocabulary[i], i))
                return Invariant($"must list each token once; {Quoted(vocabulary[i])} ")
                    + Invariant($"is token {seen[vocabulary[i]]} and token {i}");
        }
        foreach (var token in settings.RequiredTokens.Concat(settings.AdditionalSpecialTokens))
            if (!seen.ContainsKey(token))
                return $"must have the special token {Quoted(token)}; it does not";
        return ProblemOfSettings(settings);
    }

    /// <summary>What is wrong with a token, as the end of a sentence; null where nothing is.</summary>
    public static string? ProblemOfToken(string token)
    {
        if (token.Length == 0) return "is empty";
        if (!IsValid(token)) return "is no valid Unicode";
        return token.AsSpan().ContainsAny('\n', '\r') ? "has a line end, which vocab.txt cannot hold" : null;
    }

    /// <summary>All special tokens.</summary>
    public static IEnumerable<string> SpecialTokens(WordPieceSettings settings) =>
        settings.RequiredTokens.Append(settings.MaskToken).Concat(settings.AdditionalSpecialTokens).Distinct();

    /// <summary>A token as messages show it.</summary>
    public static string Quoted(string token) => $"\"{token.OnOneLine().Shortened(60)}\"";

    static string? ProblemOfSettings(WordPieceSettings settings)
    {
        if (settings.MaxCharactersPerWord is < 1 or > MaxCharacters)
            return Invariant($"must be used with words of 1 to {MaxCharacters} characters; the most is set to ")
                + Invariant($"{settings.MaxCharactersPerWord}");
        if (settings.MaskToken.Length == 0) return "has a mask token that is empty";
        var count = SpecialTokens(settings).Count();
        return count <= MaxSpecialTokens ? null
            : Invariant($"must have at most {MaxSpecialTokens} special tokens; it has {count}");
    }

    static bool IsValid(ReadOnlySpan<char> token)
    {
        while (token.Length > 0)
        {
            if (Rune.DecodeFromUtf16(token, out _, out var consumed) != OperationStatus.Done) return false;
            token = token[consumed..];
        }
        return true;
    }
}
