using static System.FormattableString;

namespace Retort.Teachers.Cache;

/// <summary>
/// The shards of one folder, opened and checked: each must be of this identity and have its place in the plan. Of two for
/// the same place one is used, and the other must agree with it.
/// </summary>
sealed class CacheStore : IDisposable
{
    const double Tolerance = 1e-4;                                         // of what two machines may differ by, relative to max(1, |number|)
    readonly Shard?[] _shards;                                             // by place
    readonly CacheIdentity _identity;
    int[] _positions = [];                                                 // by id − _least; −1: not there
    int _least;

    CacheStore(string folder, CacheIdentity identity, RecordLayout layout)
    {
        (Folder, _identity, Layout) = (folder, identity, layout);
        Plan = new(identity.Examples, identity.Views, layout.Bytes);
        _shards = new Shard?[Plan.Count];
    }

    public string Folder { get; }
    public RecordLayout Layout { get; }
    public ShardPlan Plan { get; }

    /// <summary>The shards that are there.</summary>
    public IEnumerable<Shard> Shards => _shards.OfType<Shard>();

    /// <summary>Whether none is missing.</summary>
    public bool IsComplete => Array.TrueForAll(_shards, shard => shard is not null);

    /// <summary>The codec's error over all that is there, signal by signal.</summary>
    public IReadOnlyList<CodecError> Errors => Shards.Any()
        ? [.. Shards.SelectMany(shard => shard.Header.Errors).GroupBy(error => error.Output).Select(one => one.Aggregate((all, next) => all.With(next)))] : [];

    /// <summary>Opens what is there; the folder may be missing or hold only some of the shards.</summary>
    /// <exception cref="InvalidDataException">A shard is damaged, of another cache, or contradicts another.</exception>
    public static CacheStore Open(string folder, CacheIdentity identity, RecordLayout layout)
    {
        var store = new CacheStore(folder, identity, layout);
        try
        {
            if (Directory.Exists(folder))
                foreach (var path in Directory.EnumerateFiles(folder, "*.shard").Order(StringComparer.Ordinal)) store.Add(path);
            store.Number();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The place of an example in the training part, by its id; throws where the cache does not know it.</summary>
    public int Position(int id)
    {
        var i = (long)id - _least;
        return i >= 0 && i < _positions.Length && _positions[i] >= 0 ? _positions[i]
            : throw new InvalidOperationException(Invariant($"The cache in {Folder} has no answer to example {id}: it was made for other examples."));
    }

    /// <summary>The record of an example in a view, read into <paramref name="room"/>; throws where it is not there.</summary>
    public ReadOnlySpan<byte> Record(int position, int view, Span<byte> room)
    {
        if (view < 0 || view >= _identity.Views) throw new InvalidOperationException(Invariant(
            $"The cache in {Folder} holds the views 0 … {_identity.Views - 1} of each example; the batch shows view {view}."));
        var shard = _shards[Plan.Index(view, position)] ?? throw Missing();
        return shard.Record(position % Plan.PerShard, room);
    }

    /// <summary>What to say where shards are missing.</summary>
    public InvalidOperationException Missing() => new(Invariant(
        $"The cache in {Folder} has {Shards.Count()} of its {Plan.Count} shards: `retort cache RECIPE` makes the others, or bring them from where they were made."));

    void Add(string path)
    {
        var shard = Shard.Open(path);
        try
        {
            var header = shard.Header;
            if (header.Identity.Difference(_identity) is { } difference) throw new InvalidDataException(
                $"{path} is of another cache: {difference.OnOneLine()}. Choose another teacher.path, or remove the folder's shards.");
            if (!Plan.Has(header.View, header.Number) || Plan.At(header.View, header.Number).Count != header.Count || header.RecordBytes != Layout.Bytes)
                throw Shard.Damaged(path, Invariant($"a cache of this size has no shard {header.Number} of view {header.View} with {header.Count} records of {header.RecordBytes} bytes"));
            if (!header.Errors.Select(error => error?.Output).SequenceEqual(_identity.Outputs.Select(signal => signal.Name)))
                throw Shard.Damaged(path, "it does not state the codec's error signal by signal");
            var index = Plan.Index(Plan.At(header.View, header.Number));
            if (_shards[index] is { } first)
            {
                Compare(first, shard);
                shard.Dispose();
            }
            else _shards[index] = shard;
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    /// <summary>That two shards for one place say the same: to the bit, or as nearly as two machines do.</summary>
    void Compare(Shard first, Shard second)
    {
        if (!first.Ids.SequenceEqual(second.Ids)) throw new InvalidDataException($"{first.Path} and {second.Path} hold different examples in the same place: remove one.");
        var (ones, others) = (new byte[Layout.Bytes], new byte[Layout.Bytes]);
        for (var i = 0; i < first.Ids.Length; i++)
        {
            var record = first.Record(i, ones);
            var again = second.Record(i, others);
            if (record.SequenceEqual(again)) continue;
            foreach (var field in Layout.Fields)
            {
                var (one, other) = (new float[field.Width], new float[field.Width]);
                field.Codec.Decode(field.Of(record), one);
                field.Codec.Decode(field.Of(again), other);
                var errors = first.Header.Errors.Concat(second.Header.Errors).Where(error => error.Output == field.Signal.Name).ToList();
                var (lost, lostKept) = (errors.Max(error => error.Largest), errors.Max(error => error.LargestKept));
                for (var k = 0; k < one.Length; k++)
                    if (!(Math.Abs(one[k] - other[k]) <= Tolerance * Math.Max(1, Math.Abs(one[k])) + 2 * (KeptByBoth(k) ? lostKept : lost))) throw new InvalidDataException(Invariant(
                        $"{first.Path} and {second.Path} contradict each other: the {field.Signal.Name} of example {first.Ids[i]}, view {first.Header.View}, are {one[k]} in one and {other[k]} in the other. Remove the wrong one."));

                bool KeptByBoth(int k) => field.Codec.Keeps(field.Of(ones), k) && field.Codec.Keeps(field.Of(others), k);
            }
        }
    }

    /// <summary>What stands in the folder, for people and reports.</summary>
    public CacheManifest Card() => new() { Identity = _identity, Shards = Shards.Count(), Bytes = Shards.Sum(shard => shard.Bytes), Errors = Errors };

    /// <summary>Ids to positions; every view must number the examples alike.</summary>
    void Number()
    {
        var ids = new int[Plan.Examples];
        var known = new bool[(Plan.Examples + Plan.PerShard - 1) / Plan.PerShard];
        foreach (var shard in Shards)
        {
            var place = Plan.At(shard.Header.View, shard.Header.Number);
            var here = ids.AsSpan(place.First, place.Count);
            if (known[place.Number] && !here.SequenceEqual(shard.Ids)) throw Shard.Damaged(shard.Path, "it holds other examples than the same shard of another view");
            shard.Ids.CopyTo(here);
            known[place.Number] = true;
        }
        if (!known.Contains(true)) return;
        var there = Enumerable.Range(0, ids.Length).Where(position => known[position / Plan.PerShard]).ToList();
        _least = there.Min(position => ids[position]);
        var room = (long)there.Max(position => ids[position]) - _least + 1;
        if (room > 16_000_000 + 64L * ids.Length) throw new InvalidDataException($"The examples' ids in {Folder} lie too far apart for a cache.");
        _positions = new int[room];
        Array.Fill(_positions, -1);
        foreach (var position in there) _positions[ids[position] - _least] = position;
    }

    public void Dispose()
    {
        foreach (var shard in Shards) shard.Dispose();
    }
}
