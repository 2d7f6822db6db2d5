using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Retort.Runtime.Features.Text;

/// <summary>Makes the files from which Hugging Face's libraries read a WordPiece tokenizer.</summary>
sealed class WordPieceFiles
{
    readonly IReadOnlyList<string> _vocabulary;
    readonly WordPieceSettings _settings;
    readonly List<(string Text, int Id)> _specials;

    WordPieceFiles(IReadOnlyList<string> vocabulary, WordPieceSettings settings)
    {
        (_vocabulary, _settings) = (vocabulary, settings);
        var specials = WordPieceCheck.SpecialTokens(settings).ToHashSet(StringComparer.Ordinal);
        _specials = [.. vocabulary.Select((token, id) => (token, id)).Where(pair => specials.Contains(pair.token))];
    }

    /// <summary>Each file's name and content.</summary>
    public static IReadOnlyList<(string Name, byte[] Content)> Make(
        IReadOnlyList<string> vocabulary, WordPieceSettings settings)
    {
        var files = new WordPieceFiles(vocabulary, settings);
        var lines = string.Concat(vocabulary.Select(token => token + "\n"));
        return
        [
            (WordPieceFolder.Vocabulary, Encoding.UTF8.GetBytes(lines)),
            (WordPieceFolder.Tokenizer, Json(files.WriteTokenizer)),
            (WordPieceFolder.Config, Json(files.WriteConfig)),
            ("special_tokens_map.json", Json(files.WriteRoles)),
        ];
    }

    // letters of all scripts as they are
    static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new()
        {
            Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    void WriteTokenizer(Utf8JsonWriter json)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var (text, id) in _specials)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            WriteAdded(json, text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteNormalizer(json);
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();
        WriteTemplate(json);
        json.WriteStartObject("decoder");
        json.WriteString("type", "WordPiece");
        json.WriteString("prefix", WordPieceModel.Prefix);
        json.WriteBoolean("cleanup", true);
        json.WriteEndObject();
        WriteModel(json);
    }

    void WriteNormalizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("normalizer");
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", true);
        json.WriteBoolean("handle_chinese_chars", _settings.TokenizeChineseChars);
        WriteAccents(json);
        json.WriteBoolean("lowercase", _settings.LowerCase);
        json.WriteEndObject();
    }

    void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", _settings.UnkToken);
        json.WriteString("continuing_subword_prefix", WordPieceModel.Prefix);
        json.WriteNumber("max_input_chars_per_word", _settings.MaxCharactersPerWord);
        json.WriteStartObject("vocab");
        foreach (var (id, token) in _vocabulary.Index()) json.WriteNumber(token, id);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    void WriteTemplate(Utf8JsonWriter json)
    {
        var (cls, sep) = (_settings.ClsToken, _settings.SepToken);
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WritePieces("single", [(cls, 0), (null, 0), (sep, 0)]);
        WritePieces("pair", [(cls, 0), (null, 0), (sep, 0), (null, 1), (sep, 1)]);
        json.WriteStartObject("special_tokens");
        foreach (var token in (string[])[cls, sep])
        {
            json.WriteStartObject(token);
            json.WriteString("id", token);
            json.WriteStartArray("ids");
            json.WriteNumberValue(_specials.First(special => special.Text == token).Id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();

        void WritePieces(string name, (string? Special, int Type)[] pieces)
        {
            json.WriteStartArray(name);
            foreach (var (special, type) in pieces)
            {
                json.WriteStartObject();
                json.WriteStartObject(special is null ? "Sequence" : "SpecialToken");
                json.WriteString("id", special ?? (type == 0 ? "A" : "B"));
                json.WriteNumber("type_id", type);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    void WriteConfig(Utf8JsonWriter json)
    {
        json.WriteStartObject("added_tokens_decoder");
        foreach (var (text, id) in _specials)
        {
            json.WriteStartObject(Invariant($"{id}"));
            WriteAdded(json, text);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        WriteRoles(json);
        json.WriteBoolean("do_lower_case", _settings.LowerCase);
        WriteAccents(json);
        json.WriteBoolean("tokenize_chinese_chars", _settings.TokenizeChineseChars);
        if (_settings.ModelMaxLength is { } length) json.WriteNumber("model_max_length", length);
        json.WriteString("tokenizer_class", "BertTokenizer");
    }

    // a mask token that the vocabulary lacks is null: transformers would add it behind the vocabulary
    void WriteRoles(Utf8JsonWriter json)
    {
        json.WriteString("unk_token", _settings.UnkToken);
        json.WriteString("sep_token", _settings.SepToken);
        json.WriteString("pad_token", _settings.PadToken);
        json.WriteString("cls_token", _settings.ClsToken);
        var hasMask = _specials.Any(token => token.Text == _settings.MaskToken);
        json.WriteString("mask_token", hasMask ? _settings.MaskToken : null);
        if (_settings.AdditionalSpecialTokens.Count == 0) return;

        json.WriteStartArray("additional_special_tokens");
        foreach (var token in _settings.AdditionalSpecialTokens) json.WriteStringValue(token);
        json.WriteEndArray();
    }

    void WriteAccents(Utf8JsonWriter json)
    {
        if (_settings.StripAccents is { } strips) json.WriteBoolean("strip_accents", strips);
        else json.WriteNull("strip_accents");
    }

    static void WriteAdded(Utf8JsonWriter json, string text)
    {
        json.WriteString("content", text);
        json.WriteBoolean("single_word", false);
        json.WriteBoolean("lstrip", false);
        json.WriteBoolean("rstrip", false);
        json.WriteBoolean("normalized", false);
        json.WriteBoolean("special", true);
    }
}
