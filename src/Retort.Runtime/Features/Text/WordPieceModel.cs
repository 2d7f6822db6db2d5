using System.Collections.Frozen;

namespace Retort.Runtime.Features.Text;

/// <summary>Splits a word into the longest pieces of a vocabulary, from left to right.</summary>
/// <remarks>
/// WordPiece of Wu et al. 2016, arXiv:1609.08144, §4.1, as BERT applies it: pieces after the first begin with ##.
/// </remarks>
sealed class WordPieceModel
{
    /// <summary>The beginning of tokens that continue a word.</summary>
    public const string Prefix = "##";

    readonly Pieces _first;
    readonly Pieces _rest;

    /// <summary>Splits by a vocabulary.</summary>
    /// <param name="ids">The id of each token.</param>
    public WordPieceModel(FrozenDictionary<string, int> ids)
    {
        _first = new(ids);
        _rest = new(ids.Where(token => token.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(token => token.Key[Prefix.Length..], token => token.Value, StringComparer.Ordinal));
    }

    /// <summary>Splits a word.</summary>
    /// <param name="word">A normalized word.</param>
    /// <param name="into">Receives the ids; room for one a character.</param>
    /// <returns>How many pieces there are; 0 where the vocabulary has none for some part of the word.</returns>
    public int Split(ReadOnlySpan<char> word, Span<long> into)
    {
        var count = 0;
        for (var pieces = _first; word.Length > 0; pieces = _rest)
        {
            var length = pieces.Longest(word, out var id);
            if (length == 0) return 0;

            into[count++] = id;
            word = word[length..];
        }
        return count;
    }

    /// <summary>Ids by text.</summary>
    sealed class Pieces
    {
        readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
        readonly int _longest;

        public Pieces(FrozenDictionary<string, int> ids)
        {
            _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
            _longest = ids.Keys.Select(text => text.Length).DefaultIfEmpty().Max();
        }

        /// <summary>The length of the longest piece that the text begins with; 0 where there is none.</summary>
        public int Longest(ReadOnlySpan<char> text, out int id)
        {
            for (var length = Math.Min(text.Length, _longest); length > 0; length--)
                if (_ids.TryGetValue(text[..length], out id))
                    return length;
            id = -1;
            return 0;
        }
    }
}
