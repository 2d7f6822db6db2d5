namespace Retort.Data.Text;

/// <summary>One split of texts: token ids, padded to the longest of the batch.</summary>
class TextSplit(
    TextExamples examples, SplitRows split, DatasetInfo info, EncodedTexts encoded)
    : ExampleSplit(examples, split, info)
{
    public override int? LengthOf(int position) => encoded.Rows[Row(position)].Ids.Length;

    public override string TextOf(int position) => examples.Rows[Row(position)] is { Second: { } second } pair
        ? $"{pair.Text} | {second}" : examples.Rows[Row(position)].Text;

    public override void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        LoadTargets(positions, into);
        var longest = 1;
        foreach (var position in positions) longest = Math.Max(longest, encoded.Rows[Row(position)].Ids.Length);

        var ids = into.Int64(InputNames.InputIds, [longest]);              // [B, T]
        var mask = into.Int64(InputNames.AttentionMask, [longest]);
        var types = into.Int64(InputNames.TokenTypeIds, [longest]);
        ids.Fill(encoded.Padding);
        mask.Clear();
        types.Clear();
        for (var i = 0; i < positions.Length; i++)
        {
            var text = encoded.Rows[Row(positions[i])];
            for (var t = 0; t < text.Ids.Length; t++) ids[i * longest + t] = text.Ids[t];
            mask.Slice(i * longest, text.Ids.Length).Fill(1);
            types[(i * longest + text.Second)..(i * longest + text.Ids.Length)].Fill(1);
        }
    }
}
