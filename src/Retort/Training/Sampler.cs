namespace Retort.Training;

/// <summary>
/// The order of the examples: an endless stream of shuffles, a function of seed and step alone, so that no state of it
/// must be saved. A batch may extend over two shuffles. Where the data has several parts one after another, each has a
/// stream of its own, and every batch takes its share of each.
/// </summary>
public sealed class Sampler
{
    readonly Dictionary<(int Part, int Pass), int[]> _shuffles = [];
    readonly Lock _lock = new();
    readonly IReadOnlyList<int> _parts;
    readonly IReadOnlyList<int> _shares;
    readonly int _batch;
    readonly long _seed;

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
        return _shuffles[(part, pass)] = random.Permutation(_parts[part]);
    }
}
