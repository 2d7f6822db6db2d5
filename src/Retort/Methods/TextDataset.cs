namespace Retort.Methods;

public partial record SoftLabelDatasetOptions
{
    /// <summary>Options of <see cref="SoftLabelDataset.TextDataset"/>: those of images.</summary>
    public sealed record TextDataset : SoftLabelDatasetOptions
    {
        public override Procedure Build() => new SoftLabelDataset.TextDataset(OptionRules.Check(this));
    }
}

public partial class SoftLabelDataset
{
    /// <summary>
    /// The same procedure over sequences of word vectors: a learned sentence enters the network where the vectors of a
    /// real sentence's words do, and is read by the nearest word of each position.
    /// </summary>
    [Paper("tdd", "Sucholutsky, Schonlau, Soft-Label Dataset Distillation and Text Dataset Distillation, "
        + "arXiv:1910.02551", 2021)]
    public sealed class TextDataset(SoftLabelDatasetOptions.TextDataset options) : SoftLabelDataset(options)
    {
        protected override string Key => "tdd";

        protected override bool AllowsDropout => true;

        protected override void CheckInput(DatasetInfo data)
        {
            if (data.Inputs is not [{ Name: InputNames.InputsEmbeds, Varies: false }])
                throw new InvalidOperationException(
                    "The method \"tdd\" learns texts of word vectors (inputs_embeds), as of the data "
                    + $"\"word-vectors\"; this data has {data.Names}.");
        }

        protected override string? WordsOf(Dataset data, ReadOnlySpan<float> sample)
        {
            if (data.Words is not { } words) return null;

            var text = new List<string>();
            for (var i = 0; i < sample.Length; i += words.Width)
                text.Add(words.Nearest(sample.Slice(i, words.Width)));
            return string.Join(' ', text);
        }
    }
}
