namespace Retort.Teachers.Cache;

/// <summary>
/// The examples of one shard: positions <c>First</c> … <c>First + Count − 1</c> of the training split in one view.
/// </summary>
sealed record ShardPlace(int View, int Number, int First, int Count)
{
    /// <summary>The name it is written under; what identifies a shard is its header.</summary>
    public string FileName => Invariant($"view{View:000}-{Number:00000}.shard");
}

/// <summary>
/// How a cache is cut into shards. It depends on sizes alone, so that any number of machines agree on it: about 256
/// shards, of at least 512 examples and at most 64 MB. A shard is written whole, and is the most that is lost when a
/// writer is killed.
/// </summary>
sealed class ShardPlan
{
    /// <summary>The most examples of a shard.</summary>
    public const int MaxExamples = 1 << 20;

    const int Multiple = 512;                                              // so that usual batch sizes divide a shard
    const int MaxBytes = 64_000_000;

    readonly int _views;
    readonly int _inView;

    public ShardPlan(int examples, int views, int recordBytes)
    {
        var even = ((long)examples * views + 255) / 256;
        var most = MaxBytes / recordBytes;                                 // at least 4: a record has a limit too
        if (most > Multiple) most = most / Multiple * Multiple;
        PerShard = (int)Math.Min(Math.Min((even + Multiple - 1) / Multiple * Multiple, most), MaxExamples);
        (Examples, _views, _inView) = (examples, views, (int)(((long)examples + PerShard - 1) / PerShard));
    }

    /// <summary>N.</summary>
    public int Examples { get; }

    /// <summary>Examples in each shard but a view's last.</summary>
    public int PerShard { get; }

    /// <summary>The number of all shards.</summary>
    public int Count => checked(_views * _inView);

    /// <summary>The shards of one of several writers, numbered from 1: every n-th.</summary>
    public IEnumerable<ShardPlace> Share(int writer, int writers)
    {
        for (var i = writer - 1; i < Count; i += writers) yield return At(i / _inView, i % _inView);
    }

    /// <summary>Whether there is a shard of this view and number.</summary>
    public bool Has(int view, int number) => view >= 0 && view < _views && number >= 0 && number < _inView;

    /// <summary>The shard of this view and number.</summary>
    public ShardPlace At(int view, int number) =>
        new(view, number, number * PerShard, Math.Min(PerShard, Examples - number * PerShard));

    /// <summary>The index of a shard among all.</summary>
    public int Index(ShardPlace place) => place.View * _inView + place.Number;

    /// <summary>The index of the shard with this position among all.</summary>
    public int Index(int view, int position) => view * _inView + position / PerShard;
}
