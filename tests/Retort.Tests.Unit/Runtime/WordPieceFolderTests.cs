using System.Text;
using Retort.Runtime.Features.Text;

namespace Retort.Tests.Runtime;

/// <summary>Folders of tokenizers: those of Hugging Face, our own, and damaged ones.</summary>
public sealed class WordPieceFolderTests
{
    [Theory]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt", "tokenizer_config.json")]
    [InlineData("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")]
    public void A_folder_is_read_from_any_of_its_forms(params string[] names)
    {
        var read = WordPieceTokenizer.Open(TinyWordPiece.Folder(names));
        Assert.Equal(TinyWordPiece.Vocabulary, read.Vocabulary);
        Assert.Equal(
            TinyWordPiece.Tokenizer.Encode("It's unaffable [MASK]").Ids, read.Encode("It's unaffable [MASK]").Ids);
    }

    [Fact]
    public void Settings_outlive_writing_and_reading()
    {
        var settings = new WordPieceSettings
        {
            LowerCase = false,
            StripAccents = true,
            TokenizeChineseChars = false,
            MaxCharactersPerWord = 50,
            UnkToken = "<unk>",
            MaskToken = "<mask>",
            AdditionalSpecialTokens = ["<e1>", "<e2>"],
            ModelMaxLength = 512,
        };
        string[] vocabulary = ["[PAD]", "[CLS]", "[SEP]", "<unk>", "<e1>", "<e2>", "<mask>", "é\"\\\u2028"];
        var folder = Contract.Few.Folder();
        foreach (var (name, content) in new WordPieceTokenizer(vocabulary, settings).Files())
            File.WriteAllBytes(Path.Combine(folder, name), content);
        var read = WordPieceTokenizer.Open(folder);
        Assert.Equal(vocabulary, read.Vocabulary);
        Assert.Equal(settings.AdditionalSpecialTokens, read.Settings.AdditionalSpecialTokens);
        Assert.Equal(Plain(settings), Plain(read.Settings));

        File.Delete(Path.Combine(folder, "tokenizer.json"));
        Assert.Equal(
            Plain(settings) with { MaxCharactersPerWord = 100 }, Plain(WordPieceTokenizer.Open(folder).Settings));

        static WordPieceSettings Plain(WordPieceSettings settings) => settings with { AdditionalSpecialTokens = [] };
    }

    [Theory]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    [InlineData("\r", false)]
    public void Line_ends_and_a_byte_order_mark_are_no_part_of_a_token(string end, bool hasMark)
    {
        var folder = Contract.Few.Folder();
        var lines = string.Join(end, TinyWordPiece.Vocabulary);
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), lines, new UTF8Encoding(hasMark));
        Assert.Equal(TinyWordPiece.Vocabulary, WordPieceTokenizer.Open(folder).Vocabulary);
    }

    [Fact]
    public void Tokens_behind_the_vocabulary_are_added()
    {
        var folder = Edited("tokenizer.json", "\"added_tokens\": [", """
            "added_tokens": [ { "id": 36, "content": "<doc>", "normalized": false, "lstrip": true },
            """);
        var tokenizer = WordPieceTokenizer.Open(folder);
        Assert.Equal([36, 5], tokenizer.EncodeWithoutSpecialTokens("<doc>the"));
        Assert.Equal(["<doc>"], tokenizer.Settings.AdditionalSpecialTokens);
    }

    [Theory]
    [InlineData(
        "\"WordPiece\",\n    \"unk", "\"BPE\",\n    \"unk", "the model must be WordPiece; it is \"BPE\"")]
    [InlineData("BertNormalizer", "Lowercase", "the normalizer must be BertNormalizer; it is \"Lowercase\"")]
    [InlineData("\"normalizer\"", "\"other\"", "the normalizer must be BertNormalizer; it is missing")]
    [InlineData(
        "BertPreTokenizer", "Whitespace", "the pre_tokenizer must be BertPreTokenizer; it is \"Whitespace\"")]
    [InlineData(
        "TemplateProcessing", "ByteLevel",
        "the post_processor must be TemplateProcessing or BertProcessing; it is \"ByteLevel\"")]
    [InlineData(
        "\"type_id\": 1", "\"type_id\": 2",
        "the post_processor must make [CLS] A [SEP] of a text and [CLS] A [SEP] B [SEP] of a pair, the token types of "
        + "B and the last [SEP] 1; it makes others")]
    [InlineData(
        "\"clean_text\": true", "\"clean_text\": false",
        "the normalizer's \"clean_text\" must be true; it is false, which is not supported")]
    [InlineData("\"lowercase\": true", "\"lowercase\": 1", "\"lowercase\" must be true or false; it is a number")]
    [InlineData("\"un\": 6", "\"un\": 7", "the id 7 is that of \"un\" and \"##aff\"")]
    [InlineData("\"un\": 6", "\"un\": 77", "the 36 ids must be 0 to 35; \"un\" has 77")]
    [InlineData("\"un\": 6", "\"un\": 6.5", "the id of \"un\" must be a whole number; it is 6.5")]
    [InlineData("\"un\": 6", "\"\": 6", "the token \"\" of the vocabulary is empty")]
    [InlineData("\"un\": 6", "\"\\ud800\": 6", "a key is no valid Unicode")]
    [InlineData("\"un\": 6", "\"the\": 6", "an object must have each key once; one is there twice")]
    [InlineData("\"[PAD]\": 0", "\"pad\": 0", "the added token \"[PAD]\" has the id 0, which is that of \"pad\"")]
    [InlineData(
        "\"normalized\": false", "\"normalized\": true",
        "\"normalized\" of the added token \"[PAD]\" must be false; it is true")]
    [InlineData(
        "\"id\": 0", "\"id\": 99",
        "the added token \"[PAD]\" has the id 99; ids must have no gap, and the next is 36")]
    [InlineData(
        "_prefix\": \"##\"", "_prefix\": \"@@\"",
        "the \"continuing_subword_prefix\" must be \"##\"; it is \"@@\"")]
    [InlineData(": 100", ": 0", "\"max_input_chars_per_word\" must be from 1 to 10000; it is 0")]
    [InlineData("\"vocab\"", "\"words\"", "the model has no \"vocab\"")]
    public void A_tokenizer_json_of_another_kind_is_refused(string from, string to, string problem)
    {
        var folder = Edited("tokenizer.json", from, to);
        Refused(folder, $"{Path.Combine(folder, "tokenizer.json")}: {problem}.");
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{\n\"a\": 1,\n\"a\" 2 }", 3)]
    [InlineData("{\n\"a\": ", 2)]
    public void Json_that_is_damaged_is_refused_with_its_line(string text, int line)
    {
        var path = Path.Combine(TinyWordPiece.Folder(), "tokenizer.json");
        File.WriteAllText(path, text);
        Refused(
            Path.GetDirectoryName(path)!,
            $"{path}, line {line}: this is no JSON that can be read.");
    }

    [Fact]
    public void A_class_of_another_tokenizer_is_refused()
    {
        var folder = Edited("tokenizer_config.json", "BertTokenizer", "RobertaTokenizer");
        File.Delete(Path.Combine(folder, "tokenizer.json"));
        Refused(
            folder,
            $"{Path.Combine(folder, "tokenizer_config.json")}: \"tokenizer_class\" must be BertTokenizer or one like "
            + $"it; it is \"RobertaTokenizer\".");
    }

    [Theory]
    [InlineData(
        "\"do_lower_case\": true", "\"do_lower_case\": false",
        "\"do_lower_case\" must be true, as in tokenizer.json; it is false")]
    [InlineData(
        "\"cls_token\": \"[CLS]\"", "\"cls_token\": \"[SEP]\"",
        "\"cls_token\" must be \"[CLS]\", as in tokenizer.json; it is \"[SEP]\"")]
    [InlineData("\"pad_token\": \"[PAD]\"", "\"pad_token\": [1]", "\"pad_token\" must be a string; it is an array")]
    [InlineData(
        "\"do_lower_case\"", "\"model_max_length\": -1, \"do_lower_case\"",
        "\"model_max_length\" must be a number greater than 0; it is -1")]
    public void A_config_that_contradicts_or_is_wrong_is_refused(string from, string to, string problem)
    {
        var folder = Edited("tokenizer_config.json", from, to);
        Refused(folder, $"{Path.Combine(folder, "tokenizer_config.json")}: {problem}.");
    }

    [Fact]
    public void An_added_token_that_another_mask_replaces_is_still_found_whole()
    {
        var folder = Edited("tokenizer_config.json", "\"mask_token\": \"[MASK]\"", "\"mask_token\": \"mask\"");
        var tokenizer = WordPieceTokenizer.Open(folder);
        Assert.Equal(["[MASK]"], tokenizer.Settings.AdditionalSpecialTokens);
        Assert.Equal([4L, 20], tokenizer.EncodeWithoutSpecialTokens("[MASK]mask"));
    }

    [Fact]
    public void No_limit_of_length_is_none()
    {
        var folder = Edited(
            "tokenizer_config.json", "\"do_lower_case\"",
            "\"model_max_length\": 1000000000000000019884624838656, \"do_lower_case\"");
        Assert.Null(WordPieceTokenizer.Open(folder).Settings.ModelMaxLength);
    }

    [Theory]
    [InlineData("\nun\n", "\n\n", "line 7: there must be a token; the line is empty")]
    [InlineData("\nun\n", "\nthe\n", "line 7: each token must be there once; \"the\" is also in line 6")]
    [InlineData("[SEP]", "sep", "the vocabulary must have the special token \"[SEP]\"; it does not")]
    public void A_vocabulary_that_is_wrong_is_refused(string from, string to, string problem)
    {
        var folder = TinyWordPiece.Folder("vocab.txt");
        var path = Path.Combine(folder, "vocab.txt");
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
        Refused(folder, $"{path}{(problem.StartsWith("line", StringComparison.Ordinal) ? ", " : ": ")}{problem}.");
    }

    [Theory]
    [InlineData(
        "\nun\n", "\nUN\n",
        ", line 7: the token must be that of tokenizer.json with the id 6, \"un\"; it is \"UN\".")]
    [InlineData(
        ".\n\U000242ee\n", ".\n",
        " must have the tokens of tokenizer.json; it ends in line 35, before \"\U000242ee\".")]
    [InlineData(
        ".\n", ".\n,\n",
        ", line 36: the token must be that of tokenizer.json with the id 35, \"\U000242ee\"; it is \",\".")]
    public void Two_vocabularies_that_differ_are_refused(string from, string to, string problem)
    {
        var folder = Edited("vocab.txt", from, to);
        Refused(folder, Path.Combine(folder, "vocab.txt") + problem);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused_with_its_line()
    {
        var path = Path.Combine(TinyWordPiece.Folder("vocab.txt"), "vocab.txt");
        File.WriteAllBytes(path, [.. "a\nb\n"u8, 0xff, .. "\n"u8]);
        Refused(Path.GetDirectoryName(path)!, $"{path}, line 3: the text must be UTF-8; it is not.");
    }

    [Fact]
    public void Missing_files_are_named()
    {
        var folder = TinyWordPiece.Folder("tokenizer_config.json");
        Refused(
            folder,
            $"{folder} must have tokenizer.json, or vocab.txt (and tokenizer_config.json where the defaults do not "
            + "fit); it has neither.");
        Refused(folder + "x", $"{folder}x: there is no such folder.");
    }

    [Fact] // 64 MiB
    public void A_file_that_is_too_large_is_refused()
    {
        var path = Path.Combine(TinyWordPiece.Folder("vocab.txt"), "vocab.txt");
        using (var file = File.OpenWrite(path)) file.SetLength((64 << 20) + 1);
        Refused(Path.GetDirectoryName(path)!, $"{path} has 67108865 bytes; at most 67108864 are read.");
        File.Delete(path);
        Directory.CreateDirectory(path);
        Refused(Path.GetDirectoryName(path)!, $"{path} must be a regular file; it is a folder.");
    }

    static string Edited(string name, string from, string to)
    {
        var folder = TinyWordPiece.Folder();
        var path = Path.Combine(folder, name);
        var text = File.ReadAllText(path);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{name} has no {from}");
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
        return folder;
    }

    static void Refused(string folder, string sentence) => Assert.Equal(
        sentence, Assert.Throws<InvalidDataException>(() => WordPieceTokenizer.Open(folder)).Message);
}
