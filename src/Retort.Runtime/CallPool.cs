namespace Retort.Runtime;

/// <summary>A prepared call for a number of examples.</summary>
sealed class PooledCall(OnnxCall call, int count)
{
    public OnnxCall Call => call;

    public int Count => count;

    /// <summary>The next unused call for as many examples.</summary>
    public PooledCall? Next { get; set; }
}

/// <summary>
/// A pool of prepared calls, by number of examples. It grows to as many calls as were ever in use at once. A call
/// belongs to one thread at a time, and renting one from the pool allocates nothing.
/// </summary>
/// <remarks>Disposing the pool disposes the graph as soon as no call is in use, on whichever thread that is.</remarks>
/// <param name="graph">The graph that the calls run; the pool owns it.</param>
/// <param name="maxCount">The most examples of a call.</param>
/// <param name="prepare">Prepares a call for a number of examples.</param>
sealed class CallPool(OnnxModel graph, int maxCount, Func<int, OnnxCall> prepare) : IDisposable
{
    readonly Lock _gate = new();
    readonly PooledCall?[] _unused = new PooledCall?[maxCount + 1];        // by number of examples: a linked list
    int _inUse;
    bool _closed;

    /// <summary>A call for a number of examples: an unused one, or a new one.</summary>
    public PooledCall Rent(int count)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Student));
            _inUse++;
            if (_unused[count] is { } unused)
            {
                (_unused[count], unused.Next) = (unused.Next, null);
                return unused;
            }
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

    /// <summary>Returns a call to the pool. After <see cref="Dispose"/> it is disposed instead.</summary>
    public void Return(PooledCall call)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                (call.Next, _unused[call.Count]) = (_unused[call.Count], call);
                _inUse--;
                return;
            }
        }
        Discard(call);
    }

    /// <summary>Disposes a rented call: one that failed is not used again.</summary>
    public void Discard(PooledCall call)
    {
        call.Call.Dispose();
        Leave();
    }

    /// <summary>Runs a function of the graph, which is not disposed meanwhile.</summary>
    public T Use<T>(Func<OnnxModel, T> function)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Student));
            _inUse++;
        }
        try
        {
            return function(graph);
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            _inUse++;                                      // this thread, until the unused calls are disposed
        }
        foreach (var first in _unused)
            for (var call = first; call is not null; call = call.Next) call.Call.Dispose();
        Leave();
    }

    void Leave()
    {
        bool last;
        lock (_gate) last = --_inUse == 0 && _closed;
        if (last) graph.Dispose();
    }
}
