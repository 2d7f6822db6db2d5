namespace Retort.Studies.Fidelity;

/// <summary>Some examples of a split, in an order of their own.</summary>
sealed class SubsetSplit(IDataSplit split, int[] positions) : IDataSplit
{
    public int Count => positions.Length;
    public DatasetInfo Info => split.Info;
    public int? Views => split.Views;
    public long ViewSeed => split.ViewSeed;

    public void Load(ReadOnlySpan<int> own, View view, HostBatch into)
    {
        var inSplit = new int[own.Length];
        for (var i = 0; i < inSplit.Length; i++) inSplit[i] = positions[own[i]];
        split.Load(inSplit, view, into);
    }
}
