using System.Runtime.InteropServices;
using System.Text;
using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>Learns the vocabulary of a <see cref="WordPieceTokenizer"/> from texts.</summary>
/// <remarks>
/// Byte-pair merges over words (Sennrich, Haddow, Birch 2016, arXiv:1508.07909, §3.2) as in WordPieceTrainer of
/// Hugging Face's tokenizers library. Differs from it: pairs of the same count are merged in the ordinal order of their
/// tokens, so that the same texts give the same vocabulary.
/// </remarks>
public static class WordPieceVocabulary
{
    const int MaxCharacters = 5_000_000;                                    // of different words; 0.5 GB at worst
    const int MaxSize = 1_000_000;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The texts, of the training split only. They are read once, in any order.</param>
    /// <param name="size">The most tokens.</param>
    /// <param name="settings">
    /// The tokenizer's settings, which decide about case, accents, words and special tokens; null for uncased BERT's.
    /// </param>
    /// <param name="minFrequency">How often a pair must be there to be merged.</param>
    /// <returns>
    /// The tokens by id: the special tokens, the characters of the texts in the order of their code points, those that
    /// continue a word, and merged tokens, the most frequent first.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The size has no room for special tokens and characters, or the texts have too many different words.
    /// </exception>
    public static IReadOnlyList<string> Train(
        IEnumerable<string> texts, int size, WordPieceSettings? settings = null, int minFrequency = 2)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(minFrequency, 1);
        settings ??= new();
        var words = CountWords(texts, settings);
        var tokens = new TokenList();
        foreach (var token in WordPieceCheck.SpecialTokens(settings)) tokens.Add(token);
        AddCharacters(words.Keys, tokens);
        if (tokens.Count > size)
            throw new ArgumentException(
                Invariant($"The vocabulary must have room for {tokens.Count} tokens, the special ones and the ")
                + Invariant($"characters of the texts; the size is {size}."),
                nameof(size));

        new PairMerges(words, tokens).Run(size, minFrequency);
        return tokens.Texts;
    }

    static Dictionary<string, long> CountWords(IEnumerable<string> texts, WordPieceSettings settings)
    {
        var table = new CharacterTable(settings.LowerCase, settings.StripsAccents, settings.TokenizeChineseChars);
        var specials = new SpecialTokens(WordPieceCheck.SpecialTokens(settings).Select(token => (token, 0L)));
        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        var counts = words.GetAlternateLookup<ReadOnlySpan<char>>();
        var buffer = new char[WordReader.BufferLength(settings.MaxCharactersPerWord)];
        var characters = 0L;
        foreach (var text in texts)
        {
            for (var rest = text.AsSpan(); rest.Length > 0;)
            {
                var special = specials.Find(rest);
                Count(rest[..special.Start]);
                rest = rest[(special.Start + special.Length)..];
            }
        }
        return words;

        void Count(ReadOnlySpan<char> text)
        {
            var reader = new WordReader(table, text, buffer, settings.MaxCharactersPerWord);
            while (reader.Read())
            {
                if (reader.IsTooLong) continue;
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, reader.Current, out var exists);
                count++;
                if (!exists && (characters += reader.Current.Length) > MaxCharacters)
                    throw new ArgumentException(
                        Invariant($"The different words of the texts must have at most {MaxCharacters} characters ")
                        + "together; they have more.",
                        nameof(texts));
            }
        }
    }

    static void AddCharacters(IEnumerable<string> words, TokenList tokens)
    {
        var characters = new HashSet<Rune>();
        var continuing = new HashSet<Rune>();
        foreach (var word in words)
        {
            var isFirst = true;
            foreach (var character in word.EnumerateRunes())
            {
                characters.Add(character);
                if (!isFirst) continuing.Add(character);
                isFirst = false;
            }
        }
        foreach (var character in characters.Order()) tokens.Add(character.ToString());
        foreach (var character in continuing.Order()) tokens.Add(WordPieceModel.Prefix + character);
    }
}
