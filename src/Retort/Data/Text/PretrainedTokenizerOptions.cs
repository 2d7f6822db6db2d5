using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>The tokenizer of a pretrained encoder: a folder as Hugging Face publishes it.</summary>
public sealed record PretrainedTokenizerOptions : TokenizerOptions, IValidated
{
    /// <summary>
    /// The folder with <c>tokenizer.json</c>, or with <c>vocab.txt</c> and <c>tokenizer_config.json</c>.
    /// </summary>
    [RecipePath]
    public required string Path { get; init; }

    public OptionError? Validate() => DataPath.Check(nameof(Path), Path);

    public override WordPieceTokenizer Open(IEnumerable<string> texts) => WordPieceTokenizer.Open(Path);
}
