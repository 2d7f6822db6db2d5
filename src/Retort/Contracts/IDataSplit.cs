namespace Retort.Contracts;

/// <summary>One part of a data set: training, validation or test.</summary>
public interface IDataSplit
{
    /// <summary>N.</summary>
    int Count { get; }

    /// <summary>What networks must know of it.</summary>
    DatasetInfo Info { get; }

    /// <summary>
    /// How many showings of an example there are: 1 where it is always shown as it is, V where V views take turns, null
    /// where every pass shows it anew, so that nobody's answer to it can be kept.
    /// </summary>
    int? Views => null;

    /// <summary>What the views are drawn from: not the run's seed, so that all seeds see the same.</summary>
    long ViewSeed => 0;

    /// <summary>
    /// Fills managed arrays with these examples (positions from 0 to N - 1). Safe on any thread and never touches the
    /// engine, so that threads can work ahead of the step.
    /// </summary>
    void Load(ReadOnlySpan<int> positions, View view, HostBatch into);
}
