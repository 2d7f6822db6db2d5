using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>The tokenizer of texts, as a recipe states it.</summary>
public abstract record TokenizerOptions
{
    /// <summary>Opens the tokenizer, or makes it from the texts of the training split.</summary>
    /// <param name="texts">The texts of the training split.</param>
    public abstract WordPieceTokenizer Open(IEnumerable<string> texts);
}
