using Retort.Data.Text;
using Retort.Runtime.Features.Text;

namespace Retort.Tests.Data;

/// <summary>Vocabularies that are learned from texts.</summary>
public sealed class WordPieceVocabularyTests
{
    static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    // low 5, lower 2, newest 6, widest 3: the words of Sennrich et al. 2016, §3.2, there with an end-of-word mark
    static readonly string[] Texts =
    [
        .. Enumerable.Repeat("Low", 5), .. Enumerable.Repeat("lower", 2), "newest newest newest newest newest newest",
        "widest widest, widest",
    ];

    [Fact]
    public void Merges_are_those_of_the_papers_example()
    {
        string[] characters = [",", "d", "e", "i", "l", "n", "o", "r", "s", "t", "w"];
        string[] continuing = ["##d", "##e", "##i", "##o", "##r", "##s", "##t", "##w"];

        // Counts are ##e ##s 9, ##s ##t 9, ##w ##e 8, l ##o 7, ##o ##w 7, …; of equal ones the first by its text is
        // merged, so ##es 9. Then ##es ##t 9; ##o ##w 7 before l ##o; l ##ow 7; of the pairs of newest, 6 each, ##e ##w
        // is the first, then ##ew ##est before n ##ew.
        string[] merges = ["##es", "##est", "##ow", "low", "##ew", "##ewest", "newest"];
        string[] expected = [.. Specials, .. characters, .. continuing, .. merges];
        Assert.Equal(expected, WordPieceVocabulary.Train(Texts, expected.Length));
    }

    [Fact]
    public void Training_stops_where_no_pair_is_frequent_enough()
    {
        var all = WordPieceVocabulary.Train(Texts, 1000);
        Assert.Contains("widest", all);
        Assert.Contains("lower", all);
        Assert.DoesNotContain("lower", WordPieceVocabulary.Train(Texts, 1000, minFrequency: 3));
    }

    [Fact]
    public void A_tokenizer_of_the_vocabulary_knows_the_words()
    {
        string[] texts = ["Der Fuchs springt [MASK] über 東京.", "der Fuchs", "aaaa aaaa aaa"];
        var settings = new WordPieceSettings { LowerCase = false };
        var tokenizer = new WordPieceTokenizer(WordPieceVocabulary.Train(texts, 100, settings), settings);
        foreach (var text in texts) Assert.DoesNotContain(tokenizer.UnkId, tokenizer.EncodeWithoutSpecialTokens(text));
        Assert.Equal("Fuchs aaaa", tokenizer.Decode(tokenizer.EncodeWithoutSpecialTokens("Fuchs aaaa")));
        Assert.Contains("Fuchs", tokenizer.Vocabulary);
        Assert.DoesNotContain("MASK", tokenizer.Vocabulary);
    }

    [Fact]
    public void The_order_of_the_texts_does_not_matter() =>
        Assert.Equal(
            WordPieceVocabulary.Train(Texts, 60), WordPieceVocabulary.Train(Texts.Reverse(), 60));

    [Fact]
    public void The_index_of_pairs_gives_what_counting_anew_gives()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 20; trial++)
        {
            var words = Enumerable.Range(0, 60)
                .Select(_ => new string(random.GetItems("abc".AsSpan(), random.Next(1, 9))))
                .ToList();
            var size = random.Next(12, 80);
            Assert.Equal(CountedAnew(words, size), WordPieceVocabulary.Train(words, size));
        }
    }

    [Fact]
    public void A_size_without_room_for_the_characters_is_refused() =>
        Assert.Equal(
            "The vocabulary must have room for 8 tokens, the special ones and the characters of the texts; the size is "
            + "7. (Parameter 'size')",
            Assert.Throws<ArgumentException>(() => WordPieceVocabulary.Train(["ab"], 7)).Message);

    static List<string> CountedAnew(List<string> texts, int size)
    {
        var words = texts.Select(word => word.Select((c, i) => i == 0 ? $"{c}" : $"##{c}").ToList()).ToList();
        List<string> tokens =
        [
            .. Specials,
            .. texts.SelectMany(word => word).Distinct().Order().Select(c => $"{c}"),
            .. words.SelectMany(word => word.Skip(1)).Distinct().Order(StringComparer.Ordinal),
        ];
        while (tokens.Count < size)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1)))
                .GroupBy(pair => pair)
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.First, StringComparer.Ordinal)
                .ThenBy(group => group.Key.Second, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best is null || best.Count() < 2) break;

            var merged = best.Key.First + best.Key.Second[2..];
            if (!tokens.Contains(merged)) tokens.Add(merged);
            foreach (var word in words)
                for (var i = 0; i + 1 < word.Count; i++)
                    if ((word[i], word[i + 1]) == best.Key)
                    {
                        word[i] = merged;
                        word.RemoveAt(i + 1);
                    }
        }
        return tokens;
    }
}
