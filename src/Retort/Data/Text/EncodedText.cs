namespace Retort.Data.Text;

/// <summary>An example as token ids.</summary>
/// <param name="Ids">The ids, [CLS] and [SEP] among them.</param>
/// <param name="Second">The position at which the second text begins; the number of ids where there is none.</param>
/// <param name="IsCut">Whether the text is longer.</param>
sealed record EncodedText(int[] Ids, int Second, bool IsCut);

/// <summary>All examples as token ids.</summary>
/// <param name="Rows">[N]</param>
/// <param name="Padding">The id after an example's end.</param>
sealed record EncodedTexts(EncodedText[] Rows, long Padding);
