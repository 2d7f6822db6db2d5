using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>
/// Texts as the vectors of their words, from a file in GloVe's text form: a word and its numbers on each line. Texts
/// are in lower case and split at white space; a word without a vector, and what follows a text's end, is zeros.
/// </summary>
public sealed record WordVectorsOptions : TokenizerOptions, IValidated
{
    /// <summary>The file of vectors; gzip too.</summary>
    [RecipePath] public required string Path { get; init; }

    /// <summary>The most words that have a vector: the most frequent of the training split.</summary>
    [AtLeast(1)] public int MaxWords { get; init; } = 20_000;

    public OptionError? Validate() => DataPath.Check(nameof(Path), Path);

    public override WordPieceTokenizer Open(IEnumerable<string> texts) => throw new InvalidOperationException(
        "The tokenizer \"word-vectors\" gives vectors (inputs_embeds) and no token ids.");

    /// <summary>Texts as vectors.</summary>
    /// <param name="examples">The texts.</param>
    /// <param name="length">The words of a text that are kept.</param>
    /// <param name="megabytes">The most memory of the vectors.</param>
    /// <param name="training">The rows of the training split.</param>
    internal PreparedExamples Prepare(TextExamples examples, int length, int megabytes, int[] training)
    {
        // of equally frequent words the first in order of their characters, so that a file's order does not matter
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in training)
            foreach (var word in EmbeddedTexts.WordsOf(examples.Rows[row]))
                counts[word] = counts.GetValueOrDefault(word) + 1;
        var frequent = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(MaxWords).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        var vectors = WordVectorFile.Read(Path, frequent, new MemoryLimit(megabytes));
        return new EmbeddedTexts(examples, length, vectors);
    }
}
