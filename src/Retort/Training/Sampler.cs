namespace Retort.Training;

/// <summary>
/// The order of the examples: an endless stream of shuffles, a function of seed and step alone, so that no state of it
/// must be saved. A batch may extend over two shuffles. Where the data has several parts one after another, each has a
/// stream of its own, and every batch takes its share of each.
/// </summary>
public sealed class Sampler
{
    const int PoolBatches = 50;

    readonly Dictionary<(int Part, int Pass), int[]> _shuffles = [];
    readonly Lock _lock = new();
    readonly IReadOnlyList<int> _parts;
    readonly IReadOnlyList<int> _shares;
    readonly int _batch;
    readonly long _seed;
    readonly IDataSplit? _data;                         // where its examples have lengths

    /// <param name="count">N.</param>
    /// <param name="batch">B.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="parts">How many examples each part has, N in total; null: one part.</param>
    public Sampler(int count, int batch, long seed, IReadOnlyList<int>? parts = null)
    {
        _parts = parts ?? [count];
        _batch = batch;
        _seed = seed;
        if (_parts.Sum() != count) throw new ArgumentException(
            Invariant($"The parts must have {count} examples in total, as the data has; they have {_parts.Sum()}."),
            nameof(parts));
        _shares = Shares(_parts, batch);
    }

    /// <summary>
    /// The order of a split's examples. Where they have lengths, a batch is made of examples of about the same length:
    /// each shuffle is sorted by length in pools of 50 batches, and the batches are shuffled again.
    /// </summary>
    /// <param name="data">The split.</param>
    /// <param name="batch">B.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="parts">How many examples each part has, N in total; null: one part.</param>
    public Sampler(IDataSplit data, int batch, long seed, IReadOnlyList<int>? parts = null)
        : this(data.Count, batch, seed, parts) => _data = data.LengthOf(0) is null ? null : data;

    /// <summary>
    /// Steps an epoch: N / B, rounded down, at least 1; with several parts, until the first of them is used up.
    /// </summary>
    public long StepsPerEpoch => Math.Max(_parts.Zip(_shares, (part, share) => part / share).Min(), 1);

    /// <summary>
    /// Rows of each part in a batch: in proportion to its size, rounded down; the last part gets the remaining rows
    /// (Stanton et al., arXiv:2106.05945, the authors' data loader).
    /// </summary>
    public static IReadOnlyList<int> Shares(IReadOnlyList<int> parts, int batch)
    {
        long all = parts.Sum();
        int[] shares = [.. parts.Select(part => (int)((long)part * batch / all))];
        shares[^1] = batch - shares[..^1].Sum();
        if (shares.All(share => share > 0)) return shares;

        var sizes = string.Join(", ", parts);
        throw new ArgumentException(
            Invariant($"A batch of {batch} has no row for each of the parts of {sizes} examples: it must be larger."),
            nameof(batch));
    }

    /// <summary>
    /// The positions of the batch at this step (the first is 0), and the pass of its first example. Safe on any thread.
    /// </summary>
    public (int[] Positions, int Pass) At(long step)
    {
        using var held = _lock.EnterScope();
        var positions = new int[_batch];
        var (at, offset) = (0, 0);
        for (var k = 0; k < _parts.Count; k++)
        {
            var count = _parts[k];
            var first = step * _shares[k];
            for (var i = 0; i < _shares[k]; i++)
            {
                var pass = (int)((first + i) / count);
                positions[at++] = offset + Shuffle(k, pass)[(int)((first + i) % count)];
            }
            offset += count;
        }
        return (positions, (int)(step * _shares[^1] / _parts[^1]));
    }

    int[] Shuffle(int part, int pass)
    {
        if (_shuffles.TryGetValue((part, pass), out var order)) return order;

        var old = _shuffles.Keys.Where(key => key.Part == part && key.Pass < pass - 1).ToList();
        foreach (var key in old) _shuffles.Remove(key);
        var random = new RandomStream(_seed, StreamKey.Shuffle, pass, part);
        order = random.Permutation(_parts[part]);
        if (_data is not null) SortByLength(order, part, pass, ref random);
        return _shuffles[(part, pass)] = order;
    }

    // batches begin where a batch of the stream begins, which a shuffle need not do
    void SortByLength(int[] order, int part, int pass, ref RandomStream random)
    {
        var share = _shares[part];
        var offset = _parts.Take(part).Sum();
        var start = (int)((share - (long)pass * order.Length % share) % share);
        var count = (order.Length - start) / share;
        for (var batch = 0; batch < count; batch += PoolBatches)
        {
            var pool = order.AsSpan(start + batch * share, Math.Min(PoolBatches, count - batch) * share);
            var lengths = new int[pool.Length];
            for (var i = 0; i < pool.Length; i++) lengths[i] = _data!.LengthOf(offset + pool[i])!.Value;
            SortStably(lengths, pool);
        }

        var sorted = order.ToArray();
        foreach (var (to, from) in random.Permutation(count).Index())
            sorted.AsSpan(start + from * share, share).CopyTo(order.AsSpan(start + to * share));
    }

    static void SortStably(int[] lengths, Span<int> positions)
    {
        var keys = new long[lengths.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = ((long)lengths[i] << 32) + i;
        keys.AsSpan().Sort(positions);
    }
}
