namespace Retort.Runtime.Features.Text;

/// <summary>A text, or a pair of texts, as a network of the BERT family takes it.</summary>
/// <param name="Ids">The network's <c>input_ids</c>: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP].</param>
/// <param name="TokenTypeIds">
/// The network's <c>token_type_ids</c>: 1 for the pair's second text and its [SEP], 0 elsewhere.
/// </param>
public sealed record TextEncoding(long[] Ids, long[] TokenTypeIds);
