using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>One split of images, or of rows of a table, normalized and augmented.</summary>
class NumericSplit(NumericExamples examples, SplitRows split, DatasetInfo info, SplitValues spec)
    : ExampleSplit(examples, split, info)
{
    readonly float[] _black = examples.Shade(spec.Constants, white: false);
    readonly float[] _white = examples.Shade(spec.Constants, white: true);
    readonly long[] _shape = info.Input(examples.Input)!.Shape;

    public override int? Views => spec.Augmentation.Count == 0 ? 1 : spec.Views;
    public override long ViewSeed => spec.ViewSeed;

    public override void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        (view, into.ViewIndex) = Resolve(view);
        LoadTargets(positions, into);
        var size = examples.Size;
        var values = into.Float32(examples.Input, _shape);
        for (var i = 0; i < positions.Length; i++)
        {
            var row = Row(positions[i]);
            var example = values.Slice(i * size.Count, size.Count);
            examples.Fill(row, spec.Constants, example);
            if (!view.IsPlain) Augment(example, size, view, row);
        }
        if (!view.IsPlain) Mix(values, view, into);
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
