using System.Globalization;
using System.Text.Json;

namespace Retort.Runtime.Features.Text;

/// <summary>Reads <c>tokenizer_config.json</c>, the settings of Hugging Face's transformers library.</summary>
sealed class TokenizerConfig
{
    // those with BERT's normalization, WordPiece, [CLS] and [SEP]
    static readonly string[] s_families =
    [
        "Bert", "ConvBert", "DistilBert", "Electra", "LayoutLM", "Lxmert", "MobileBert", "RoFormer", "SqueezeBert",
    ];

    readonly TokenizerFile _file;

    TokenizerConfig(TokenizerFile file) => _file = file;

    /// <summary>
    /// Settings with the values of this file in place of the defaults. All added tokens are among the additional ones.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="vocabulary">The tokens of <c>vocab.txt</c>; tokens that the file adds come behind them.</param>
    public static WordPieceSettings Read(TokenizerFile file, List<string> vocabulary)
    {
        var reader = new TokenizerConfig(file);
        reader.CheckClass();
        var settings = reader.Overlay(new());
        var added = reader.Added().ToList();
        AddedToken.Place(file, added, vocabulary);
        var additional = added.Select(token => token.Text).Concat(reader.Additional());
        return settings with { AdditionalSpecialTokens = [.. additional] };
    }

    /// <summary>Adds the settings that only this file has to those of <c>tokenizer.json</c>.</summary>
    /// <exception cref="InvalidDataException">The two files contradict each other.</exception>
    public static WordPieceSettings Merge(TokenizerFile file, WordPieceSettings settings)
    {
        var merged = new TokenizerConfig(file).Overlay(settings);
        foreach (var (key, one, other) in Compared(merged, settings))
            if (one != other)
                throw file.Error($"\"{key}\" must be {other}, as in tokenizer.json; it is {one}");
        return merged;
    }

    static IEnumerable<(string Key, string One, string Other)> Compared(WordPieceSettings one, WordPieceSettings other)
    {
        yield return ("do_lower_case", Word(one.LowerCase), Word(other.LowerCase));
        yield return ("strip_accents", Word(one.StripsAccents), Word(other.StripsAccents));
        yield return ("tokenize_chinese_chars", Word(one.TokenizeChineseChars), Word(other.TokenizeChineseChars));
        yield return ("unk_token", WordPieceCheck.Quoted(one.UnkToken), WordPieceCheck.Quoted(other.UnkToken));
        yield return ("cls_token", WordPieceCheck.Quoted(one.ClsToken), WordPieceCheck.Quoted(other.ClsToken));
        yield return ("sep_token", WordPieceCheck.Quoted(one.SepToken), WordPieceCheck.Quoted(other.SepToken));

        static string Word(bool value) => value ? "true" : "false";
    }

    void CheckClass()
    {
        if (_file.Text(_file.Root, "tokenizer_class") is not { } name) return;

        var family = name;
        foreach (var ending in (string[])["Fast", "Tokenizer"])
            if (family.EndsWith(ending, StringComparison.Ordinal))
                family = family[..^ending.Length];
        if (!s_families.Contains(family))
            throw _file.Error(
                $"\"tokenizer_class\" must be BertTokenizer or one like it; it is {WordPieceCheck.Quoted(name)}");
    }

    WordPieceSettings Overlay(WordPieceSettings settings) => settings with
    {
        LowerCase = _file.Bool(_file.Root, "do_lower_case") ?? settings.LowerCase,
        StripAccents = _file.Bool(_file.Root, "strip_accents") ?? settings.StripAccents,
        TokenizeChineseChars = _file.Bool(_file.Root, "tokenize_chinese_chars") ?? settings.TokenizeChineseChars,
        UnkToken = Token("unk_token") ?? settings.UnkToken,
        SepToken = Token("sep_token") ?? settings.SepToken,
        PadToken = Token("pad_token") ?? settings.PadToken,
        ClsToken = Token("cls_token") ?? settings.ClsToken,
        MaskToken = Token("mask_token") ?? settings.MaskToken,
        ModelMaxLength = ReadMaxLength() ?? settings.ModelMaxLength,
    };

    // "[CLS]" or { "content": "[CLS]", … }
    string? Token(string key) => TokenizerFile.Member(_file.Root, key) is { } value ? TokenOf(value, key) : null;

    string TokenOf(JsonElement value, string key)
    {
        var token = value.ValueKind == JsonValueKind.Object ? _file.Text(value, "content") ?? ""
            : _file.TextOf(value, $"\"{key}\"");
        return WordPieceCheck.ProblemOfToken(token) is { } problem
            ? throw _file.Error($"\"{key}\" {problem}") : token;
    }

    // 10^30 stands for no limit
    int? ReadMaxLength()
    {
        const string Key = "model_max_length";
        if (TokenizerFile.Member(_file.Root, Key) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var length) || !(length > 0))
            throw _file.Error(
                $"\"{Key}\" must be a number greater than 0; it is {value.GetRawText().OnOneLine().Shortened(40)}");
        return length > int.MaxValue ? null : _file.IntOf(value, $"\"{Key}\"");
    }

    IEnumerable<AddedToken> Added()
    {
        if (_file.Object(_file.Root, "added_tokens_decoder") is not { } entries) yield break;
        foreach (var entry in entries.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw _file.Error("each key of \"added_tokens_decoder\" must be an id");
            yield return AddedToken.Read(_file, entry.Value, id);
        }
    }

    IEnumerable<string> Additional() => _file.List(_file.Root, "additional_special_tokens")
        .Select(token => TokenOf(token, "additional_special_tokens"));
}
