using Retort.Runtime.Features.Text;

namespace Retort.Data.Text;

/// <summary>A WordPiece vocabulary learned from the texts of the training split.</summary>
public sealed record LearnedTokenizerOptions : TokenizerOptions
{
    /// <summary>The most tokens of the vocabulary; fewer where the texts have fewer pieces.</summary>
    [AtLeast(16)] public int Size { get; init; } = 8000;

    /// <summary>Whether texts are converted to lower case, without accents.</summary>
    public bool LowerCase { get; init; } = true;

    public override WordPieceTokenizer Open(IEnumerable<string> texts)
    {
        var settings = new WordPieceSettings { LowerCase = LowerCase };
        try
        {
            return new(WordPieceVocabulary.Train(texts, Size, settings), settings);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"The tokenizer \"learned\" cannot be made: {error.Message}", error);
        }
    }
}
