using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>The tokenizer of texts, as a recipe states it.</summary>
public abstract record TokenizerOptions
{
    /// <summary>Opens the tokenizer, or makes it from the texts of the training split.</summary>
    /// <param name="texts">The texts of the training split.</param>
    public abstract WordPieceTokenizer Open(IEnumerable<string> texts);

    /// <summary>Makes the inputs of texts: token ids unless a tokenizer gives others.</summary>
    internal virtual PreparedExamples Prepare(TextExamples examples, TextDataOptions options, int[] training) =>
        new PreparedTexts(examples, options, training);
}
