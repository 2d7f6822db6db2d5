namespace Retort.Teachers.Cache;

/// <summary>
/// The shards of one folder, opened and checked: each must have this identity and its place in the plan. Of two shards
/// for the same place one is used, and the other must agree with it.
/// </summary>
sealed class CacheStore : IDisposable
{
    const double Tolerance = 1e-4;                         // between two machines

    readonly Shard?[] _shards;                             // by index in the plan
    readonly CacheIdentity _identity;
    int[] _positions = [];                                 // by id − _minId; −1 where there is no such example
    int _minId;

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

    /// <summary>Whether no shard is missing.</summary>
    public bool IsComplete => Array.TrueForAll(_shards, shard => shard is not null);

    /// <summary>The codec's error over all shards that are there, an output each.</summary>
    public IReadOnlyList<CodecError> Errors =>
    [
        .. Shards.SelectMany(shard => shard.Header.Errors).GroupBy(error => error.Output)
            .Select(errors => errors.Aggregate((all, next) => all.With(next))),
    ];

    /// <summary>Opens the shards of a folder, which may be missing or hold only some.</summary>
    /// <exception cref="InvalidDataException">A shard is damaged, of another cache, or contradicts another.</exception>
    public static CacheStore Open(string folder, CacheIdentity identity, RecordLayout layout)
    {
        var store = new CacheStore(folder, identity, layout);
        try
        {
            if (Directory.Exists(folder))
                foreach (var path in Directory.EnumerateFiles(folder, "*.shard").Order(StringComparer.Ordinal))
                    store.Add(path);
            store.IndexIds();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>The position of an example in the training split, by its id.</summary>
    /// <exception cref="InvalidOperationException">The cache has no such example.</exception>
    public int Position(int id)
    {
        var i = (long)id - _minId;
        return i >= 0 && i < _positions.Length && _positions[i] >= 0 ? _positions[i]
            : throw new InvalidOperationException(Invariant(
                $"The cache in {Folder} has no outputs for example {id}: it was made for other examples."));
    }

    /// <summary>The record of an example in a view, read into <paramref name="buffer"/>.</summary>
    /// <exception cref="InvalidOperationException">The cache has no such view, or its shard is missing.</exception>
    public ReadOnlySpan<byte> Record(int position, int view, Span<byte> buffer)
    {
        if (view < 0 || view >= _identity.Views) throw new InvalidOperationException(Invariant(
            $"The cache in {Folder} holds the views 0 … {_identity.Views - 1} of each example; the batch has ")
            + Invariant($"view {view}."));
        var shard = _shards[Plan.Index(view, position)] ?? throw Missing();
        return shard.Record(position % Plan.PerShard, buffer);
    }

    /// <summary>The error that shards are missing.</summary>
    public InvalidOperationException Missing() => new(Invariant(
        $"The cache in {Folder} has {Shards.Count()} of its {Plan.Count} shards: `retort cache RECIPE` makes the ")
        + "others, or bring them from where they were made.");

    /// <summary>Describes the shards that are there.</summary>
    public CacheManifest Describe() => new()
    {
        Identity = _identity, Shards = Shards.Count(), Bytes = Shards.Sum(shard => shard.Bytes), Errors = Errors,
    };

    public void Dispose()
    {
        foreach (var shard in Shards) shard.Dispose();
    }

    /// <summary>Whether two numbers agree within 1e-4 · max(1, |number|) and what a codec loses.</summary>
    public static bool IsNear(float value, float other, double lost) =>
        Math.Abs(other - value) <= Tolerance * Math.Max(1, Math.Abs(value)) + lost;

    void Add(string path)
    {
        var shard = Shard.Open(path);
        try
        {
            CheckHeader(path, shard.Header);
            var index = Plan.Index(Plan.At(shard.Header.View, shard.Header.Number));
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

    void CheckHeader(string path, ShardHeader header)
    {
        if (header.Identity.Difference(_identity) is { } difference) throw new InvalidDataException(
            $"{path} is of another cache: {difference.OnOneLine()}. Choose another teacher.path, or remove the "
            + "folder's shards.");
        var isPlanned = Plan.Has(header.View, header.Number)
            && Plan.At(header.View, header.Number).Count == header.Count && header.RecordBytes == Layout.Bytes;
        if (!isPlanned) throw Shard.Damaged(path, Invariant(
            $"a cache of this size has no shard {header.Number} of view {header.View} with {header.Count} records of ")
            + Invariant($"{header.RecordBytes} bytes"));
        var names = _identity.Outputs.Select(output => output.Name);
        if (!header.Errors.Select(error => error?.Output).SequenceEqual(names))
            throw Shard.Damaged(path, "it does not state the codec's error for each output");
    }

    // two shards for one place must have the same content: to the bit, or as nearly as two machines compute it
    void Compare(Shard first, Shard second)
    {
        if (!first.Ids.SequenceEqual(second.Ids)) throw new InvalidDataException(
            $"{first.Path} and {second.Path} hold different examples in the same place: remove one.");
        var (buffer, otherBuffer) = (new byte[Layout.Bytes], new byte[Layout.Bytes]);
        for (var i = 0; i < first.Ids.Length; i++)
        {
            var record = first.Record(i, buffer);
            var other = second.Record(i, otherBuffer);
            if (record.SequenceEqual(other)) continue;
            foreach (var field in Layout.Fields) Compare(field, field.Of(record), field.Of(other), first, second, i);
        }
    }

    static void Compare(
        CacheField field, ReadOnlySpan<byte> record, ReadOnlySpan<byte> other, Shard first, Shard second, int i)
    {
        var (values, otherValues) = (new float[field.Width], new float[field.Width]);
        field.Codec.Decode(record, values);
        field.Codec.Decode(other, otherValues);
        var errors = first.Header.Errors.Concat(second.Header.Errors)
            .Where(error => error.Output == field.Output.Name).ToList();
        var (largest, largestStored) = (errors.Max(error => error.Largest), errors.Max(error => error.LargestKept));
        for (var k = 0; k < values.Length; k++)
        {
            var lost = field.Codec.IsStored(record, k) && field.Codec.IsStored(other, k) ? largestStored : largest;
            if (!IsNear(values[k], otherValues[k], 2 * lost)) throw new InvalidDataException(Invariant(
                $"{first.Path} and {second.Path} contradict each other: the {field.Output.Name} of example ")
                + Invariant($"{first.Ids[i]}, view {first.Header.View}, are {values[k]} in one and {otherValues[k]} ")
                + "in the other. Remove the wrong one.");
        }
    }

    // positions by id; every view must have the examples in the same order
    void IndexIds()
    {
        var ids = new int[Plan.Examples];
        var known = new bool[(Plan.Examples + Plan.PerShard - 1) / Plan.PerShard];
        foreach (var shard in Shards)
        {
            var place = Plan.At(shard.Header.View, shard.Header.Number);
            var here = ids.AsSpan(place.First, place.Count);
            if (known[place.Number] && !here.SequenceEqual(shard.Ids)) throw Shard.Damaged(
                shard.Path, "it holds other examples than the same shard of another view");
            shard.Ids.CopyTo(here);
            known[place.Number] = true;
        }
        if (!known.Contains(true)) return;

        var positions = Enumerable.Range(0, ids.Length).Where(position => known[position / Plan.PerShard]).ToList();
        _minId = positions.Min(position => ids[position]);
        var count = (long)positions.Max(position => ids[position]) - _minId + 1;
        if (count > 16_000_000 + 64L * ids.Length) throw new InvalidDataException(
            $"The examples' ids in {Folder} lie too far apart for a cache.");
        _positions = new int[count];
        Array.Fill(_positions, -1);
        foreach (var position in positions) _positions[ids[position] - _minId] = position;
    }
}
