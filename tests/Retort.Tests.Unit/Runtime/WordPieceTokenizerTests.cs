using System.Diagnostics;
using Retort.Runtime.Features.Text;

namespace Retort.Tests.Runtime;

/// <summary>Words and pieces as Hugging Face's fast tokenizers make them; ids with [CLS] and [SEP].</summary>
public sealed class WordPieceTokenizerTests
{
    static readonly WordPieceTokenizer Tiny = TinyWordPiece.Tokenizer;

    [Theory] // the pieces were checked with tokenizers of Hugging Face and this vocabulary
    [InlineData("", "")]
    [InlineData(" \t\r\n\u3000\u2028", "")]
    [InlineData("unaffable", "un ##aff ##able")]
    [InlineData("UNAFFABLE  Caf\u00e9s", "un ##aff ##able cafe ##s")]
    [InlineData("cafe\u0301s", "cafe ##s")]
    [InlineData("unaffab", "[UNK]")]
    [InlineData("it's", "it ' s")]
    [InlineData("`$`", "` $ `")]
    [InlineData("the=the", "the = the")]
    [InlineData("东京the", "东 京 the")]
    [InlineData("\u0130", "i")]
    [InlineData("\ud55c", "\u1112 ##\u1161 ##\u11ab")]
    [InlineData("\u2260 \u037e \u1fef", "= ; `")]
    [InlineData("a\0b a\u0007b a\u200bb a\ufeffb a\ufffdb a\u00adb", "ab ab ab ab ab ab")]
    [InlineData("the\u00a0the\u2003the", "the the the")]
    [InlineData("the\u000bthe", "[UNK]")]                                   // a control character is no space
    [InlineData("the\u061d", "[UNK]")]                                      // punctuation since Unicode 14
    [InlineData("[MASK]the[SEP]", "[MASK] the [SEP]")]
    [InlineData("unaff[MASK]able", "un ##aff [MASK] [UNK]")]
    [InlineData("[[MASK]] [mask]", "[ [MASK] ] [ mask ]")]
    [InlineData("[MASK", "[ mask")]
    [InlineData("😀 😀", "😀 😀")]
    [InlineData("un\ud83daffable \ude00", "un ##aff ##able")]               // halves of a pair
    [InlineData("\ufa6cthe", "\U000242ee the")]                             // becomes a supplementary ideograph
    public void A_text_has_these_pieces(string text, string pieces) => Assert.Equal(pieces, Pieces(Tiny, text));

    [Theory]
    [InlineData(false, null, "Caf\u00e9 caf\u00e9 THE", "Caf\u00e9 caf\u00e9 [UNK]")]
    [InlineData(false, true, "Caf\u00e9 caf\u00e9", "[UNK] cafe")]
    [InlineData(true, false, "Caf\u00e9 \u0130", "caf\u00e9 i\u0307")]
    [InlineData(true, null, "Caf\u00e9 \u0130", "cafe i")]
    public void Case_and_accents_are_kept_as_set(bool lowerCase, bool? stripAccents, string text, string pieces)
    {
        var settings = new WordPieceSettings { LowerCase = lowerCase, StripAccents = stripAccents };
        Assert.Equal(pieces, Pieces(new(TinyWordPiece.Vocabulary, settings), text));
    }

    [Fact]
    public void Ideographs_are_letters_where_the_settings_say_so() =>
        Assert.Equal(
            "[UNK] 东",
            Pieces(new(TinyWordPiece.Vocabulary, new() { TokenizeChineseChars = false }), "东京 东"));

    [Theory]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(101, 1)]
    public void A_word_of_more_than_100_letters_is_unknown(int letters, int tokens)
    {
        var ids = Tiny.EncodeWithoutSpecialTokens(new('x', letters));
        Assert.Equal(tokens, ids.Length);
        Assert.Equal(letters > 100, ids.Contains(Tiny.UnkId));
    }

    [Fact]
    public void A_text_is_between_cls_and_sep_and_is_cut_at_its_end()
    {
        var whole = Tiny.Encode("unaffable the");
        Assert.Equal("[CLS] un ##aff ##able the [SEP]", Tokens(Tiny, whole.Ids));
        Assert.Equal(new long[6], whole.TokenTypeIds);
        Assert.Equal("[CLS] un ##aff [SEP]", Tokens(Tiny, Tiny.Encode("unaffable the", maxTokens: 4).Ids));
        Assert.Equal("[CLS] [SEP]", Tokens(Tiny, Tiny.Encode("unaffable the", maxTokens: 2).Ids));
    }

    [Fact]
    public void A_pair_has_token_types()
    {
        var pair = Tiny.Encode("the", "it s");
        Assert.Equal("[CLS] the [SEP] it s [SEP]", Tokens(Tiny, pair.Ids));
        Assert.Equal([0, 0, 0, 1, 1, 1], pair.TokenTypeIds);
        Assert.Equal("[CLS] [SEP] the [SEP]", Tokens(Tiny, Tiny.Encode("", "the").Ids));
    }

    [Theory] // longest first; the odd token goes to the longer text, of equal ones to the second
    [InlineData(6, 2, 5, 3, 2)]
    [InlineData(2, 6, 5, 2, 3)]
    [InlineData(6, 6, 5, 2, 3)]
    [InlineData(7, 6, 5, 3, 2)]
    [InlineData(6, 6, 4, 2, 2)]
    [InlineData(1, 9, 5, 1, 4)]
    [InlineData(9, 0, 5, 5, 0)]
    [InlineData(3, 2, 5, 3, 2)]
    [InlineData(3, 2, 0, 0, 0)]
    [InlineData(300, 200, 5, 3, 2)]
    public void A_pair_that_is_too_long_is_cut_as_hugging_face_cuts_it(
        int first, int second, int room, int keptOfFirst, int keptOfSecond)
    {
        var text = string.Concat(Enumerable.Repeat("the ", first));
        var pair = string.Concat(Enumerable.Repeat("it ", second));
        var ids = Tiny.Encode(text, pair, room + 3).Ids;
        Assert.Equal((keptOfFirst, keptOfSecond), (Count("the"), Count("it")));
        Assert.Equal(Tiny.SepId, ids[^1]);

        int Count(string token) => ids.Count(id => id == Tiny.Id(token));
    }

    [Fact]
    public void Buffers_get_the_same_and_what_is_behind_stays()
    {
        var ids = Enumerable.Repeat(-1L, 9).ToArray();
        var types = Enumerable.Repeat(-1L, 9).ToArray();
        Assert.Equal(6, Tiny.Encode("the", "it s", ids, types));
        Assert.Equal([.. Tiny.Encode("the", "it s").Ids, -1, -1, -1], ids);
        Assert.Equal([0, 0, 0, 1, 1, 1, -1, -1, -1], types);
    }

    [Fact]
    public void Room_for_less_than_cls_and_sep_is_refused()
    {
        Assert.Equal(
            "There must be room for at least 2 tokens, [CLS] and [SEP]; it is 1. (Parameter 'maxTokens')",
            Assert.Throws<ArgumentException>(() => Tiny.Encode("the", maxTokens: 1)).Message);
        Assert.Throws<ArgumentException>(() => Tiny.Encode("the", "it", maxTokens: 2));
        Assert.Throws<ArgumentException>(() => Tiny.Encode("the", null, new long[8], new long[7]));
    }

    [Fact]
    public void Decoding_joins_pieces_and_leaves_out_special_tokens()
    {
        Assert.Equal("un ##aff", Tokens(Tiny, [Tiny.Id("un")!.Value, Tiny.Id("##aff")!.Value]));
        Assert.Equal("unaffable the .", Tiny.Decode(Tiny.Encode("Unaffable the.").Ids));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Decode([Tiny.VocabularySize]));
        Assert.Null(Tiny.Id("nothing"));
        Assert.Equal(4, Tiny.MaskId);
    }

    [Fact]
    public void Any_text_is_encoded_within_the_room_and_the_same_each_time()
    {
        var random = new Random(1);
        string[] parts = ["[MASK]", "[CLS", "un", "affable", "\ud83d", "\ude00", "\0", "\u0301", "\ud55c", "##s", " "];
        var other = new WordPieceTokenizer(TinyWordPiece.Vocabulary);
        for (var i = 0; i < 3000; i++)
        {
            var (text, pair) = (Text(), random.Next(2) == 0 ? Text() : null);
            var room = random.Next(3, 40);
            var encoding = Tiny.Encode(text, pair, room);
            Assert.InRange(encoding.Ids.Length, pair is null ? 2 : 3, room);
            Assert.Equal(encoding.Ids.Length, encoding.TokenTypeIds.Length);
            Assert.All(encoding.Ids, id => Assert.InRange(id, 0, Tiny.VocabularySize - 1));
            Assert.Equal(encoding.Ids, other.Encode(text, pair, room).Ids);
            if (pair is null)
                Assert.Equal(
                    [Tiny.ClsId, .. Tiny.EncodeWithoutSpecialTokens(text).Take(room - 2), Tiny.SepId], encoding.Ids);
        }

        string Text() => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ =>
            random.Next(3) == 0 ? ((char)random.Next(0x10000)).ToString() : parts[random.Next(parts.Length)]));
    }

    [Theory] // quadratic work would take minutes
    [InlineData("x")]
    [InlineData("[")]
    [InlineData("\ud55c")]
    [InlineData("the ")]
    [InlineData("[MASK")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\u0e01 ")]
    public void A_megabyte_takes_linear_time(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        var clock = Stopwatch.StartNew();
        Assert.InRange(Tiny.Encode(text, text, 128).Ids.Length, 5, 128);
        Tiny.EncodeWithoutSpecialTokens(text);
        Assert.True(clock.Elapsed.TotalSeconds < 20, $"It took {clock.Elapsed}.");
    }

    [Fact]
    public void A_vocabulary_that_cannot_be_used_is_refused()
    {
        Refused("must have the special token \"[SEP]\"; it does not", ["[UNK]", "[CLS]", "[PAD]"]);
        Refused("must list each token once; \"a\" is token 0 and token 1", ["a", "a"]);
        Refused("has a token, 1, that is empty", ["a", ""]);
        Refused("has a token, 0, that is no valid Unicode", ["\ud800"]);
        Refused("has a token, 0, that has a line end, which vocab.txt cannot hold", ["a\n"]);

        static void Refused(string problem, string[] vocabulary) => Assert.Equal(
            $"The vocabulary {problem}. (Parameter 'vocabulary')",
            Assert.Throws<ArgumentException>(() => new WordPieceTokenizer(vocabulary)).Message);
    }

    static string Pieces(WordPieceTokenizer tokenizer, string text) =>
        Tokens(tokenizer, tokenizer.EncodeWithoutSpecialTokens(text));

    static string Tokens(WordPieceTokenizer tokenizer, long[] ids) =>
        string.Join(' ', ids.Select(id => tokenizer.Token(id)));
}
