using System.Buffers;

namespace Retort.Runtime.Features.Text;

/// <summary>
/// Finds special tokens, such as [MASK], in a text before it is normalized: the leftmost one, and of several at one
/// place the longest.
/// </summary>
sealed class SpecialTokens
{
    readonly (string Text, long Id)[] _tokens;                              // longest first
    readonly SearchValues<char> _starts;

    public SpecialTokens(IEnumerable<(string Text, long Id)> tokens)
    {
        _tokens = [.. tokens.OrderByDescending(token => token.Text.Length)];
        _starts = SearchValues.Create([.. _tokens.Select(token => token.Text[0])]);
    }

    /// <summary>The ids.</summary>
    public IEnumerable<long> Ids => _tokens.Select(token => token.Id);

    /// <summary>Finds the first special token.</summary>
    /// <returns>Where it starts, its length and its id; the text's end and 0 where there is none.</returns>
    public (int Start, int Length, long Id) Find(ReadOnlySpan<char> text)
    {
        for (var start = 0; ; start++)
        {
            var offset = text[start..].IndexOfAny(_starts);
            if (offset < 0) return (text.Length, 0, -1);

            start += offset;
            foreach (var (token, id) in _tokens)
                if (text[start..].StartsWith(token, StringComparison.Ordinal))
                    return (start, token.Length, id);
        }
    }
}
