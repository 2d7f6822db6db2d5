using Retort.Data.Augmentation;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>Which rows make a part, which labels it shows, and what is done to its numbers.</summary>
sealed record SplitSpec(int[] Rows, long[] Labels, DatasetInfo Facts, float[] Constants, IReadOnlyList<AugmentationOptions> Augmentation)
{
    /// <summary>How many views take turns; null: every pass is drawn anew.</summary>
    public int? Views { get; init; }

    /// <inheritdoc cref="IDataSplit.ViewSeed"/>
    public long ViewSeed { get; init; }
}

/// <summary>One part of a set in memory.</summary>
class ExampleSplit(Examples examples, SplitSpec plan) : IDataSplit
{
    readonly float[] _black = examples.Shade(plan.Constants, white: false);
    readonly float[] _white = examples.Shade(plan.Constants, white: true);
    readonly long[] _shape = plan.Facts.Input(examples.Input)!.Shape;

    public int Count => plan.Rows.Length;
    public DatasetInfo Info => plan.Facts;
    public int? Views => plan.Augmentation.Count == 0 ? 1 : plan.Views;
    public long ViewSeed => plan.ViewSeed;
    protected int Row(int position) => plan.Rows[position];

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        (view, into.ViewIndex) = Shown(view);
        var canvas = examples.Size;
        var size = canvas.Count;
        var values = into.Float32(examples.Input, _shape);
        for (var i = 0; i < positions.Length; i++)
        {
            var row = plan.Rows[positions[i]];
            (into.Labels[i], into.Ids[i]) = (plan.Labels[positions[i]], row);
            var one = values.Slice(i * size, size);
            examples.Fill(row, plan.Constants, one);
            if (!view.IsPlain) Change(one, canvas, view, row);
        }
        if (!view.IsPlain) Mix(values, view, into);
    }

    /// <summary>What a view of the run's becomes where the data has views of its own: pass e shows view e mod V, whatever the seed.</summary>
    (View View, int? Number) Shown(View view)
    {
        if (plan.Augmentation.Count == 0) return (View.Plain, 0);
        if (view.IsPlain || plan.Views is not { } views) return (view, null);
        return (new(plan.ViewSeed, view.Pass % views), view.Pass % views);
    }

    void Change(Span<float> example, ImageSize canvas, View view, int id)
    {
        var chance = new RandomStream(view.Seed, StreamKey.Augmentation, view.Pass, id);
        foreach (var augmentation in plan.Augmentation) augmentation.Change(example, canvas, new(_black, _white), ref chance);
    }

    void Mix(Span<float> values, View view, HostBatch into)
    {
        var chance = new RandomStream(view.Seed, StreamKey.Mixup, view.Pass, into.Ids[0]);
        foreach (var augmentation in plan.Augmentation) augmentation.Mix(values, into, ref chance);
    }
}
