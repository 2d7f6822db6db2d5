namespace Retort.Data;

/// <summary>One split of examples in memory.</summary>
abstract class ExampleSplit(Examples examples, SplitRows split, DatasetInfo info) : IDataSplit
{
    public int Count => split.Rows.Length;
    public DatasetInfo Info => info;
    public virtual int? Views => 1;
    public virtual long ViewSeed => 0;

    public virtual int? LengthOf(int position) => null;

    public virtual string? TextOf(int position) => null;

    public abstract void Load(ReadOnlySpan<int> positions, View view, HostBatch into);

    /// <summary>The row of the example at a position.</summary>
    protected int Row(int position) => split.Rows[position];

    /// <summary>Fills ids and targets of a batch that was started anew.</summary>
    protected void LoadTargets(ReadOnlySpan<int> positions, HostBatch into)
    {
        for (var i = 0; i < positions.Length; i++)
        {
            into.Labels[i] = split.Labels[positions[i]];
            into.Ids[i] = Row(positions[i]);
        }
        if (examples.KnownTargets is not { } targets) return;

        var width = info.Classes.Count;
        var all = into.Targets(width);
        for (var i = 0; i < positions.Length; i++)
        {
            var row = Row(positions[i]);
            var own = all.Slice(i * width, width);
            if (split.HidesTargets(row)) own.Fill(float.NaN);
            else targets[row].CopyTo(own);
        }
    }
}
