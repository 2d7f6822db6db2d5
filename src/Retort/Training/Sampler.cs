namespace Retort.Training;

/// <summary>
/// The order of the examples: one endless stream of shuffles, a function of seed and step alone, so that nothing of it
/// needs saving. A batch may stretch over two shuffles. Where the data is several parts one after another, each has a
/// stream of its own, and every batch takes from each its share.
/// </summary>
public sealed class Sampler
{
    readonly Dictionary<(int Part, int Pass), int[]> _shuffles = [];
    readonly Lock _one = new();
    readonly IReadOnlyList<int> _parts;
    readonly IReadOnlyList<int> _shares;
    readonly int _batch;
    readonly long _seed;

    /// <param name="count">N.</param>
    /// <param name="batch">B.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="parts">How many examples each part has, N together; null: one part.</param>
    public Sampler(int count, int batch, long seed, IReadOnlyList<int>? parts = null)
    {
        (_parts, _batch, _seed) = (parts ?? [count], batch, seed);
        if (_parts.Sum() != count) throw new ArgumentException(FormattableString.Invariant(
            $"The parts must have {count} examples together, as the data has; they have {_parts.Sum()}."), nameof(parts));
        _shares = Shares(_parts, batch);
    }

    /// <summary>Steps an epoch: N / batch, rounded down, at least 1; of several parts, until the first of them is through.</summary>
    public long StepsPerEpoch => Math.Max(_parts.Zip(_shares, (part, share) => part / share).Min(), 1);

    /// <summary>
    /// Rows of each part in a batch: in proportion to its size, rounded down; the last part has what is left (Stanton et
    /// al., arXiv:2106.05945, the authors' loader).
    /// </summary>
    public static IReadOnlyList<int> Shares(IReadOnlyList<int> parts, int batch)
    {
        long all = parts.Sum();
        int[] shares = [.. parts.Select(part => (int)((long)part * batch / all))];
        shares[^1] = batch - shares[..^1].Sum();
        return shares.All(share => share > 0) ? shares : throw new ArgumentException(FormattableString.Invariant(
            $"A batch of {batch} has no row for each of the parts of {string.Join(", ", parts)} examples: it must be larger."), nameof(batch));
    }

    /// <summary>
    /// The positions of the batch at this step (the first is 0), and the pass it belongs to by its first example. Safe on
    /// any thread.
    /// </summary>
    public (int[] Positions, int Pass) At(long step)
    {
        using var alone = _one.EnterScope();
        var positions = new int[_batch];
        var (at, offset) = (0, 0);
        for (var k = 0; k < _parts.Count; k++)
        {
            var (count, first) = (_parts[k], step * _shares[k]);
            for (var i = 0; i < _shares[k]; i++) positions[at++] = offset + Shuffle(k, (int)((first + i) / count))[(int)((first + i) % count)];
            offset += count;
        }
        return (positions, (int)(step * _shares[^1] / _parts[^1]));
    }

    int[] Shuffle(int part, int pass)
    {
        if (_shuffles.TryGetValue((part, pass), out var order)) return order;
        foreach (var old in _shuffles.Keys.Where(key => key.Part == part && key.Pass < pass - 1).ToList()) _shuffles.Remove(old);
        return _shuffles[(part, pass)] = new RandomStream(_seed, StreamKey.Shuffle, pass, part).Permutation(_parts[part]);
    }
}
