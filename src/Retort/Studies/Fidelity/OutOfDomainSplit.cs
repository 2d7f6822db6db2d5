namespace Retort.Studies.Fidelity;

/// <summary>
/// Out-of-domain examples followed by a study's own examples. Out-of-domain examples have no label, and their ids count
/// down from -1, so that they differ from the study's own.
/// </summary>
sealed class OutOfDomainSplit(IDataSplit foreign, IDataSplit own) : IDataSplit
{
    public int Count => foreign.Count + own.Count;
    public DatasetInfo Info => own.Info;
    public int? Views => foreign.Views == 1 && own.Views == 1 ? 1 : null;

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        List<int> foreignRows = [], ownRows = [];
        for (var i = 0; i < positions.Length; i++) (positions[i] < foreign.Count ? foreignRows : ownRows).Add(i);

        if (foreignRows.Count > 0)
        {
            var batch = Copy(foreign, foreignRows, offset: 0, positions, view, into);
            for (var i = 0; i < foreignRows.Count; i++) into.Ids[foreignRows[i]] = -1 - batch.Ids[i];
        }
        if (ownRows.Count > 0)
        {
            var batch = Copy(own, ownRows, offset: foreign.Count, positions, view, into);
            for (var i = 0; i < ownRows.Count; i++)
            {
                into.Labels[ownRows[i]] = batch.Labels[i];
                into.Ids[ownRows[i]] = batch.Ids[i];
            }
        }
    }

    // copies the inputs of one source into these rows of the batch
    HostBatch Copy(
        IDataSplit source, List<int> rows, int offset, ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        var inSource = new int[rows.Count];
        for (var i = 0; i < inSource.Length; i++) inSource[i] = positions[rows[i]] - offset;
        var batch = new HostBatch();
        source.Load(inSource, view, batch);

        var input = Info.Inputs[0];
        var from = batch.Float32(input.Name, input.Shape);
        var to = into.Float32(input.Name, input.Shape);
        var size = to.Length / positions.Length;
        for (var i = 0; i < rows.Count; i++) from.Slice(i * size, size).CopyTo(to[(rows[i] * size)..]);
        return batch;
    }
}
