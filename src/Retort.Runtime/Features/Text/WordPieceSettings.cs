namespace Retort.Runtime.Features.Text;

/// <summary>
/// Settings of a <see cref="WordPieceTokenizer"/>. Names are those of Hugging Face's <c>tokenizer_config.json</c>,
/// defaults those of uncased BERT.
/// </summary>
public sealed record WordPieceSettings
{
    /// <summary>Whether the text is converted to lower case (<c>do_lower_case</c>).</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents are removed (<c>strip_accents</c>); null for the value of LowerCase.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether each CJK ideograph is a word of its own (<c>tokenize_chinese_chars</c>).</summary>
    public bool TokenizeChineseChars { get; init; } = true;

    /// <summary>The longest word, in code points, that is split into pieces; a longer one is unknown.</summary>
    public int MaxCharactersPerWord { get; init; } = 100;

    /// <summary>The token for words that the vocabulary has no pieces for.</summary>
    public string UnkToken { get; init; } = "[UNK]";

    /// <summary>The token at the end of each text.</summary>
    public string SepToken { get; init; } = "[SEP]";

    /// <summary>The token that fills up shorter texts of a batch.</summary>
    public string PadToken { get; init; } = "[PAD]";

    /// <summary>The token at the beginning.</summary>
    public string ClsToken { get; init; } = "[CLS]";

    /// <summary>The token that hides a word from a masked language model; a vocabulary may lack it.</summary>
    public string MaskToken { get; init; } = "[MASK]";

    /// <summary>Other tokens that are found in the text before it is normalized.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; init; } = [];

    /// <summary>The longest input of the network, in tokens, where the folder has it; encoding ignores it.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>Whether accents are removed.</summary>
    internal bool StripsAccents => StripAccents ?? LowerCase;

    /// <summary>The special tokens that every vocabulary must have; a learned one begins with them.</summary>
    internal IEnumerable<string> RequiredTokens => [PadToken, UnkToken, ClsToken, SepToken];
}
