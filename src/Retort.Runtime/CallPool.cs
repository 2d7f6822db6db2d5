namespace Retort.Runtime;

/// <summary>A prepared call and how many examples it is for.</summary>
sealed class PooledCall(OnnxCall call, int count)
{
    public OnnxCall Call => call;

    public int Count => count;

    /// <summary>The next that waits.</summary>
    public PooledCall? Next { get; set; }
}

/// <summary>
/// Calls of a graph that wait for someone to ask: of each number of examples as many as were ever at work at once. Each is
/// held by one thread at a time, and taking one that waits allocates nothing. The graph is disposed with the last call, on
/// whichever thread that is.
/// </summary>
/// <param name="graph">Whose calls they are.</param>
/// <param name="most">The most examples of a call.</param>
/// <param name="prepare">Makes a call for so many examples.</param>
sealed class CallPool(OnnxModel graph, int most, Func<int, OnnxCall> prepare) : IDisposable
{
    readonly Lock _gate = new();
    readonly PooledCall?[] _waiting = new PooledCall?[most + 1];           // by number of examples: the last that was given back
    int _atWork;
    bool _closed;

    /// <summary>A call for so many examples: one that waits, or a new one.</summary>
    public PooledCall Take(int count)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Student));
            _atWork++;
            if (_waiting[count] is { } waiting)
            {
                (_waiting[count], waiting.Next) = (waiting.Next, null);
                return waiting;
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

    /// <summary>Lets a call wait again; once the pool is closed it ends.</summary>
    public void Give(PooledCall call)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                (call.Next, _waiting[call.Count]) = (_waiting[call.Count], call);
                _atWork--;
                return;
            }
        }
        End(call);
    }

    /// <summary>A call that failed is not used again.</summary>
    public void End(PooledCall call)
    {
        call.Call.Dispose();
        Leave();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            _atWork++;                                     // this thread, until those that wait are gone
        }
        foreach (var first in _waiting)
            for (var call = first; call is not null; call = call.Next) call.Call.Dispose();
        Leave();
    }

    void Leave()
    {
        bool last;
        lock (_gate) last = --_atWork == 0 && _closed;
        if (last) graph.Dispose();
    }
}
