namespace Retort.Teachers.Cache;

/// <summary>One shard's place: positions <c>First</c> … <c>First + Count − 1</c> of the training part in one view.</summary>
sealed record ShardPlace(int View, int Number, int First, int Count)
{
    /// <summary>The name it is written under; what counts is what stands in it.</summary>
    public string FileName => FormattableString.Invariant($"view{View:000}-{Number:00000}.shard");
}

/// <summary>
/// How a cache is cut into shards: a function of its sizes alone, so that any number of machines agree on it. About 256
/// shards, of 512 examples at least and 64 MB at most: what is written whole, and what is lost at most when a writer dies.
/// </summary>
sealed class ShardPlan
{
    /// <summary>More examples than this are in no shard.</summary>
    public const int Most = 1 << 20;

    const int Grain = 512;                                                 // so that usual batches fit in without rest
    readonly int _views;
    readonly int _inView;

    public ShardPlan(int examples, int views, int recordBytes)
    {
        var even = ((long)examples * views + 255) / 256;
        var most = 64_000_000 / recordBytes;                               // at least 4: a record has its own limit
        if (most > Grain) most = most / Grain * Grain;
        PerShard = (int)Math.Min(Math.Min((even + Grain - 1) / Grain * Grain, most), Most);
        (Examples, _views, _inView) = (examples, views, (int)(((long)examples + PerShard - 1) / PerShard));
    }

    /// <summary>N.</summary>
    public int Examples { get; }

    /// <summary>Examples in each shard but a view's last.</summary>
    public int PerShard { get; }

    /// <summary>Shards in all.</summary>
    public int Count => checked(_views * _inView);

    /// <summary>The shards of one of several writers, the first of whom is 1: every n-th.</summary>
    public IEnumerable<ShardPlace> Share(int writer, int writers)
    {
        for (var i = writer - 1; i < Count; i += writers) yield return At(i / _inView, i % _inView);
    }

    /// <summary>Whether there is a shard of this view and number.</summary>
    public bool Has(int view, int number) => view >= 0 && view < _views && number >= 0 && number < _inView;

    /// <summary>The shard of this view and number.</summary>
    public ShardPlace At(int view, int number) =>
        new(view, number, number * PerShard, Math.Min(PerShard, Examples - number * PerShard));

    /// <summary>Its place among all.</summary>
    public int Index(ShardPlace place) => place.View * _inView + place.Number;

    /// <summary>Where the shard with this position stands among all.</summary>
    public int Index(int view, int position) => view * _inView + position / PerShard;
}
