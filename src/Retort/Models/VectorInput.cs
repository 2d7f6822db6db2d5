namespace Retort.Models;

/// <summary>Checks that data fits a network of word vectors before it is built.</summary>
static class VectorInput
{
    /// <summary>Words of a text and the width of their vectors; other data is refused.</summary>
    public static (long Words, long Width) Of(DatasetInfo info, string network) =>
        info.Inputs is [{ Name: InputNames.InputsEmbeds, Varies: false, Shape: [var words, var width] }]
        ? (words, width)
        : throw new InvalidOperationException(
            $"{network} takes texts as vectors of words (inputs_embeds), as the tokenizer \"word-vectors\" gives them; "
            + $"the data has {info.Names}.");
}
