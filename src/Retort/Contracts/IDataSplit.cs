namespace Retort.Contracts;

/// <summary>One split of a data set: training, validation or test.</summary>
public interface IDataSplit
{
    /// <summary>N.</summary>
    int Count { get; }

    /// <summary>Inputs and targets.</summary>
    DatasetInfo Info { get; }

    /// <summary>
    /// How many augmented views of an example there are: 1 without augmentation, V where V views take turns, null
    /// where every epoch draws a new one, so that no output for it can be cached.
    /// </summary>
    int? Views => null;

    /// <summary>
    /// The seed of the views. It is not the run's seed, so that all seeds of a run have the same views.
    /// </summary>
    long ViewSeed => 0;

    /// <summary>
    /// How long an example is, where lengths vary, as of texts: a batch is made of examples of about the same length,
    /// so that little is padded. Null where all are the same.
    /// </summary>
    int? LengthOf(int position) => null;

    /// <summary>An example's text, to show it; of a pair both. Null where examples are no texts.</summary>
    string? TextOf(int position) => null;

    /// <summary>
    /// Collates these examples (positions from 0 to N - 1) into managed arrays. Safe on any thread and never calls
    /// libtorch, so that loader threads can prepare batches ahead of the step.
    /// </summary>
    void Load(ReadOnlySpan<int> positions, View view, HostBatch into);
}
