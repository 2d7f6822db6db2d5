namespace Retort.Training;

/// <summary>
/// The order of the examples: one endless stream of shuffles, a function of seed and step alone, so that nothing of it
/// needs saving. A batch may stretch over two shuffles.
/// </summary>
public sealed class Sampler(int count, int batch, long seed)
{
    readonly Dictionary<int, int[]> _shuffles = [];
    readonly Lock _one = new();

    /// <summary>Steps an epoch: N / batch, rounded down, at least 1.</summary>
    public long StepsPerEpoch => Math.Max(count / batch, 1);

    /// <summary>
    /// The positions of the batch at this step (the first is 0), and the pass it belongs to by its first example. Safe on
    /// any thread.
    /// </summary>
    public (int[] Positions, int Pass) At(long step)
    {
        using var alone = _one.EnterScope();
        var positions = new int[batch];
        var first = step * batch;
        for (var i = 0; i < batch; i++) positions[i] = Shuffle((int)((first + i) / count))[(int)((first + i) % count)];
        return (positions, (int)(first / count));
    }

    int[] Shuffle(int pass)
    {
        if (_shuffles.TryGetValue(pass, out var order)) return order;
        foreach (var old in _shuffles.Keys.Where(key => key < pass - 1).ToList()) _shuffles.Remove(old);
        return _shuffles[pass] = new Chance(seed, Purpose.Order, pass).Permutation(count);
    }
}
