namespace Retort.Runtime;

/// <summary>A prepared call and how many examples it is for.</summary>
sealed record PooledCall(OnnxCall Call, int Count);

/// <summary>
/// Calls of a graph that wait for someone to ask. Each is held by one thread at a time, and taking one that waits
/// allocates nothing. The graph is disposed with the last call, on whichever thread that is.
/// </summary>
sealed class CallPool(Onnx graph, Func<int, OnnxCall> prepare) : IDisposable
{
    readonly PooledCall?[] _waiting = new PooledCall?[Math.Max(2 * Environment.ProcessorCount, 8)];
    int _alive = 1;                                        // calls that exist, and 1 for the pool while it is open
    int _turn;
    int _closed;

    /// <summary>A call for so many examples: one that waits, or a new one.</summary>
    public PooledCall Take(int count)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, typeof(Student));
        foreach (ref var place in _waiting.AsSpan())
            if (Volatile.Read(ref place) is { } waiting && waiting.Count == count
                && Interlocked.CompareExchange(ref place, null, waiting) == waiting) return waiting;
        return Made(count);
    }

    /// <summary>Lets a call wait again; where every place is taken, one that waits makes room.</summary>
    public void Give(PooledCall call)
    {
        if (!Placed(call) && Interlocked.Exchange(ref _waiting[(uint)Interlocked.Increment(ref _turn) % (uint)_waiting.Length], call) is { } old) End(old);
        if (Volatile.Read(ref _closed) != 0) Clear();      // closed meanwhile: nobody else will come for it
    }

    /// <summary>A call that failed is not used again.</summary>
    public void End(PooledCall call)
    {
        call.Call.Dispose();
        Leave();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        Clear();
        Leave();
    }

    bool Placed(PooledCall call)
    {
        foreach (ref var place in _waiting.AsSpan())
            if (Volatile.Read(ref place) is null && Interlocked.CompareExchange(ref place, call, null) is null) return true;
        return false;
    }

    void Clear()
    {
        foreach (ref var place in _waiting.AsSpan())
            if (Interlocked.Exchange(ref place, null) is { } call) End(call);
    }

    PooledCall Made(int count)
    {
        for (int alive; ;)
        {
            ObjectDisposedException.ThrowIf((alive = Volatile.Read(ref _alive)) == 0, typeof(Student));
            if (Interlocked.CompareExchange(ref _alive, alive + 1, alive) == alive) break;
        }
        try
        {
            return new(prepare(count), count);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    void Leave()
    {
        if (Interlocked.Decrement(ref _alive) == 0) graph.Dispose();
    }
}
