namespace Retort.Runtime.Features.Text;

/// <summary>Reads a tokenizer's folder as Hugging Face's libraries write it.</summary>
static class WordPieceFolder
{
    public const string Tokenizer = "tokenizer.json";
    public const string Vocabulary = "vocab.txt";
    public const string Config = "tokenizer_config.json";

    const long MaxBytes = 64 << 20;
    const long MaxConfigBytes = 4 << 20;

    /// <summary>The vocabulary and the settings.</summary>
    /// <exception cref="InvalidDataException">
    /// The files are missing, damaged, of another kind of tokenizer, or contradict each other.
    /// </exception>
    public static (List<string> Vocabulary, WordPieceSettings Settings) Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");

        var list = Existing(folder, Vocabulary);
        var settings = Existing(folder, Config);
        using var config = settings is null ? null : TokenizerFile.Open(settings, MaxConfigBytes);
        if (Existing(folder, Tokenizer) is { } tokenizer) return ReadTokenizer(tokenizer, list, config);
        if (list is not null) return ReadVocabulary(list, config);

        throw new InvalidDataException(
            $"{folder} must have {Tokenizer}, or {Vocabulary} (and {Config} where the defaults do not fit); "
            + "it has neither.");
    }

    static string? Existing(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return Path.Exists(path) ? path : null;
    }

    static (List<string>, WordPieceSettings) ReadTokenizer(string path, string? list, TokenizerFile? config)
    {
        using var file = TokenizerFile.Open(path, MaxBytes);
        var (vocabulary, settings) = TokenizerJson.Read(file);
        if (config is not null) settings = TokenizerConfig.Merge(config, settings);
        settings = WithoutNamed(settings);
        Check(path, vocabulary, settings);
        if (list is not null) Compare(list, vocabulary, settings);
        return (vocabulary, settings);
    }

    static (List<string>, WordPieceSettings) ReadVocabulary(string path, TokenizerFile? config)
    {
        var vocabulary = VocabularyFile.Read(path, MaxBytes);
        var settings = config is null ? new() : WithoutNamed(TokenizerConfig.Read(config, vocabulary));
        Check(path, vocabulary, settings);
        return (vocabulary, settings);
    }

    // [CLS] and the others that have a setting of their own are not additional
    static WordPieceSettings WithoutNamed(WordPieceSettings settings)
    {
        var named = settings.RequiredTokens.Append(settings.MaskToken);
        return settings with { AdditionalSpecialTokens = [.. settings.AdditionalSpecialTokens.Except(named)] };
    }

    static void Check(string path, List<string> vocabulary, WordPieceSettings settings)
    {
        if (WordPieceCheck.Problem(vocabulary, settings) is { } problem)
            throw new InvalidDataException($"{path}: the vocabulary {problem}.");
    }

    // added tokens behind the vocabulary need no line
    static void Compare(string path, List<string> vocabulary, WordPieceSettings settings)
    {
        var lines = VocabularyFile.Read(path, MaxBytes);
        var added = WordPieceCheck.SpecialTokens(settings);
        for (var i = 0; i < lines.Count; i++)
            if (i >= vocabulary.Count || lines[i] != vocabulary[i])
                throw new InvalidDataException(
                    Invariant($"{path}, line {i + 1}: the token must be that of {Tokenizer} with the id {i}, ")
                    + $"{(i < vocabulary.Count ? WordPieceCheck.Quoted(vocabulary[i]) : "which has none")}; "
                    + $"it is {WordPieceCheck.Quoted(lines[i])}.");
        var missing = vocabulary.Skip(lines.Count).Except(added).FirstOrDefault();
        if (missing is not null)
            throw new InvalidDataException(
                Invariant($"{path} must have the tokens of {Tokenizer}; it ends in line {lines.Count}, before ")
                + $"{WordPieceCheck.Quoted(missing)}.");
    }
}
