using System.Text.Json;

namespace Retort.Runtime.Features.Text;

/// <summary>Reads <c>tokenizer.json</c>, the file of Hugging Face's tokenizers library.</summary>
sealed class TokenizerJson
{
    readonly TokenizerFile _file;

    TokenizerJson(TokenizerFile file) => _file = file;

    /// <summary>
    /// The vocabulary, and the settings that this file has. All added tokens are among the additional special ones.
    /// </summary>
    /// <exception cref="InvalidDataException">It is damaged, or not a WordPiece tokenizer as BERT's.</exception>
    public static (List<string> Vocabulary, WordPieceSettings Settings) Read(TokenizerFile file)
    {
        var reader = new TokenizerJson(file);
        var model = reader.Part("model", "WordPiece");
        var settings = reader.ReadNormalizer(reader.Part("normalizer", "BertNormalizer"));
        reader.Part("pre_tokenizer", "BertPreTokenizer");
        var vocabulary = reader.ReadVocabulary(model);
        var added = file.List(file.Root, "added_tokens").Select(reader.ReadAdded).ToList();
        AddedToken.Place(file, added, vocabulary);
        settings = reader.ReadSpecials(reader.ReadModel(model, settings));
        return (vocabulary, settings with { AdditionalSpecialTokens = [.. added.Select(token => token.Text)] });
    }

    JsonElement Part(string key, string type)
    {
        var part = _file.Object(_file.Root, key);
        var found = part is { } value ? _file.Text(value, "type") : null;
        if (found is null && key == "model" && part is not null) found = type;   // files before tokenizers 0.9
        if (part is null || found != type)
            throw _file.Error(
                $"the {key} must be {type}; it is {(found is null ? "missing" : WordPieceCheck.Quoted(found))}");
        return part.Value;
    }

    WordPieceSettings ReadNormalizer(JsonElement normalizer)
    {
        if (_file.Bool(normalizer, "clean_text") == false)
            throw _file.Error("the normalizer's \"clean_text\" must be true; it is false, which is not supported");
        return new()
        {
            LowerCase = _file.Bool(normalizer, "lowercase") ?? true,
            StripAccents = _file.Bool(normalizer, "strip_accents"),
            TokenizeChineseChars = _file.Bool(normalizer, "handle_chinese_chars") ?? true,
        };
    }

    WordPieceSettings ReadModel(JsonElement model, WordPieceSettings settings)
    {
        var prefix = _file.Text(model, "continuing_subword_prefix") ?? WordPieceModel.Prefix;
        if (prefix != WordPieceModel.Prefix)
            throw _file.Error(
                $"the \"continuing_subword_prefix\" must be \"{WordPieceModel.Prefix}\"; it is "
                + WordPieceCheck.Quoted(prefix));
        var most = TokenizerFile.Member(model, "max_input_chars_per_word") is { } count
            ? _file.IntOf(count, "\"max_input_chars_per_word\"") : settings.MaxCharactersPerWord;
        if (most is < 1 or > WordPieceCheck.MaxCharacters)
            throw _file.Error(
                Invariant($"\"max_input_chars_per_word\" must be from 1 to {WordPieceCheck.MaxCharacters}; ")
                + Invariant($"it is {most}"));
        return settings with
        {
            MaxCharactersPerWord = most,
            UnkToken = _file.Text(model, "unk_token") ?? settings.UnkToken,
        };
    }

    List<string> ReadVocabulary(JsonElement model)
    {
        var entries = _file.Object(model, "vocab") ?? throw _file.Error("the model has no \"vocab\"");
        var vocabulary = new string?[entries.GetPropertyCount()];
        foreach (var entry in entries.EnumerateObject())
        {
            var token = Name(entry);
            var id = _file.IntOf(entry.Value, $"the id of {WordPieceCheck.Quoted(token)}");
            if (id < 0 || id >= vocabulary.Length)
                throw _file.Error(
                    Invariant($"the {vocabulary.Length} ids must be 0 to {vocabulary.Length - 1}; ")
                    + Invariant($"{WordPieceCheck.Quoted(token)} has {id}"));
            if (vocabulary[id] is { } other)
                throw _file.Error(
                    Invariant($"the id {id} is that of {WordPieceCheck.Quoted(other)} and ")
                    + WordPieceCheck.Quoted(token));
            vocabulary[id] = token;
        }
        return [.. vocabulary.Select(token => token!)];                     // as many ids as places: none is free
    }

    string Name(JsonProperty entry) => WordPieceCheck.ProblemOfToken(entry.Name) is not { } problem ? entry.Name
        : throw _file.Error($"the token {WordPieceCheck.Quoted(entry.Name)} of the vocabulary {problem}");

    AddedToken ReadAdded(JsonElement entry)
    {
        _file.CheckObject(entry, "an added token");
        var id = TokenizerFile.Member(entry, "id") is { } value ? _file.IntOf(value, "an added token's id")
            : throw _file.Error("an added token has no \"id\"");
        return AddedToken.Read(_file, entry, id);
    }

    // [CLS] and [SEP] from the post-processor, [PAD] from the padding
    WordPieceSettings ReadSpecials(WordPieceSettings settings)
    {
        var padding = _file.Object(_file.Root, "padding");
        var pad = padding is { } value ? _file.Text(value, "pad_token") : null;
        var processor = _file.Object(_file.Root, "post_processor");
        var type = processor is { } part ? _file.Text(part, "type") : null;
        var (cls, sep) = type switch
        {
            "TemplateProcessing" => ReadTemplate(processor!.Value),
            "BertProcessing" => (ReadPair(processor!.Value, "cls"), ReadPair(processor!.Value, "sep")),
            _ => throw _file.Error(
                "the post_processor must be TemplateProcessing or BertProcessing; it is "
                + (type is null ? "missing" : WordPieceCheck.Quoted(type))),
        };
        return settings with { ClsToken = cls, SepToken = sep, PadToken = pad ?? settings.PadToken };
    }

    // "cls": ["[CLS]", 101]
    string ReadPair(JsonElement processor, string key) => _file.List(processor, key).ToList() is [var token, _]
        ? _file.TextOf(token, $"\"{key}\"")
        : throw _file.Error($"\"{key}\" of the post_processor must be a token and its id");

    // [CLS] A [SEP] and [CLS] A [SEP] B:1 [SEP]:1
    (string Cls, string Sep) ReadTemplate(JsonElement processor)
    {
        var single = _file.List(processor, "single").Select(ReadPiece).ToList();
        var pair = _file.List(processor, "pair").Select(ReadPiece).ToList();
        if (single is [(var cls, 0, true), ("A", 0, false), (var sep, 0, true)]
            && pair.SequenceEqual([.. single, ("B", 1, false), (sep, 1, true)]))
            return (cls, sep);

        throw _file.Error(
            "the post_processor must make [CLS] A [SEP] of a text and [CLS] A [SEP] B [SEP] of a pair, the token types "
            + "of B and the last [SEP] 1; it makes others");
    }

    (string Name, int Type, bool IsSpecial) ReadPiece(JsonElement piece)
    {
        _file.CheckObject(piece, "a piece of the post_processor");
        foreach (var kind in (string[])["SpecialToken", "Sequence"])
            if (_file.Object(piece, kind) is { } content)
                return (_file.Text(content, "id") ?? "", TypeOf(content), kind == "SpecialToken");
        throw _file.Error("a piece of the post_processor must be a SpecialToken or a Sequence");

        int TypeOf(JsonElement content) =>
            TokenizerFile.Member(content, "type_id") is { } type ? _file.IntOf(type, "\"type_id\"") : 0;
    }
}
