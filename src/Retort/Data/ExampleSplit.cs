using Retort.Data.Augmentation;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>What a split has: its rows, the labels that are visible in it, and what is done to its values.</summary>
/// <param name="Rows">The rows of <see cref="Examples"/>. [N]</param>
/// <param name="Labels">Class indices; -1 where the label is hidden. [N]</param>
/// <param name="Info">Inputs and targets.</param>
/// <param name="Constants">The constants of the normalization.</param>
/// <param name="Augmentation">The augmentations, in order.</param>
sealed record SplitSpec(int[] Rows, long[] Labels, DatasetInfo Info, float[] Constants,
    IReadOnlyList<AugmentationOptions> Augmentation)
{
    /// <summary>How many views take turns; null: every pass draws new ones.</summary>
    public int? Views { get; init; }

    /// <summary>Whether the labels or values of a row are hidden.</summary>
    public required Func<int, bool> HidesTargets { get; init; }

    /// <inheritdoc cref="IDataSplit.ViewSeed"/>
    public long ViewSeed { get; init; }
}

/// <summary>One split of examples in memory.</summary>
class ExampleSplit(Examples examples, SplitSpec spec) : IDataSplit
{
    readonly float[] _black = examples.Shade(spec.Constants, white: false);
    readonly float[] _white = examples.Shade(spec.Constants, white: true);
    readonly long[] _shape = spec.Info.Input(examples.Input)!.Shape;

    public int Count => spec.Rows.Length;
    public DatasetInfo Info => spec.Info;
    public int? Views => spec.Augmentation.Count == 0 ? 1 : spec.Views;
    public long ViewSeed => spec.ViewSeed;
    protected int Row(int position) => spec.Rows[position];

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        (view, into.ViewIndex) = Resolve(view);
        var size = examples.Size;
        var values = into.Float32(examples.Input, _shape);
        for (var i = 0; i < positions.Length; i++)
        {
            var row = spec.Rows[positions[i]];
            into.Labels[i] = spec.Labels[positions[i]];
            into.Ids[i] = row;
            var example = values.Slice(i * size.Count, size.Count);
            examples.Fill(row, spec.Constants, example);
            if (!view.IsPlain) Augment(example, size, view, row);
        }
        if (examples.KnownTargets is { } targets) FillTargets(targets, positions, into);
        if (!view.IsPlain) Mix(values, view, into);
    }

    void FillTargets(IReadOnlyList<float[]> targets, ReadOnlySpan<int> positions, HostBatch into)
    {
        var width = spec.Info.Classes.Count;
        var all = into.Targets(width);
        for (var i = 0; i < positions.Length; i++)
        {
            var row = spec.Rows[positions[i]];
            var own = all.Slice(i * width, width);
            if (spec.HidesTargets(row)) own.Fill(float.NaN);
            else targets[row].CopyTo(own);
        }
    }

    /// <summary>
    /// The view that is shown for a view of the run, and its index. Data with V views of its own shows view e mod V in
    /// pass e, whatever the seed.
    /// </summary>
    (View View, int? Index) Resolve(View view)
    {
        if (spec.Augmentation.Count == 0) return (View.Plain, 0);
        if (view.IsPlain || spec.Views is not { } views) return (view, null);

        return (new(spec.ViewSeed, view.Pass % views), view.Pass % views);
    }

    void Augment(Span<float> example, ImageSize size, View view, int id)
    {
        var random = new RandomStream(view.Seed, StreamKey.Augmentation, view.Pass, id);
        foreach (var augmentation in spec.Augmentation)
            augmentation.Change(example, size, new(_black, _white), ref random);
    }

    void Mix(Span<float> values, View view, HostBatch into)
    {
        var random = new RandomStream(view.Seed, StreamKey.Mixup, view.Pass, into.Ids[0]);
        foreach (var augmentation in spec.Augmentation) augmentation.Mix(values, into, ref random);
    }
}
