namespace Retort.Runtime;

/// <summary>A call with its buffers, for a fixed number of examples.</summary>
sealed class PooledCall(OnnxCall call, int count)
{
    public OnnxCall Call => call;

    public int Count => count;

    /// <summary>The next idle call for the same number of examples.</summary>
    public PooledCall? Next { get; set; }
}

/// <summary>
/// Idle calls of a graph: for each number of examples as many as were ever in use at once. A call is used by one thread
/// at a time, and renting an idle one allocates nothing. The last call to end disposes the graph, on whichever thread.
/// </summary>
/// <param name="graph">The graph. The pool disposes it.</param>
/// <param name="maxBatchSize">The most examples of a call.</param>
/// <param name="create">Creates a call for a number of examples.</param>
sealed class CallPool(OnnxModel graph, int maxBatchSize, Func<int, OnnxCall> create) : IDisposable
{
    readonly Lock _gate = new();
    readonly PooledCall?[] _idle = new PooledCall?[maxBatchSize + 1];       // by number of examples: the last returned
    int _inUse;
    bool _closed;

    /// <summary>A call for this many examples: an idle one, or a new one.</summary>
    public PooledCall Rent(int count)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Student));
            _inUse++;
            if (_idle[count] is { } idle)
            {
                _idle[count] = idle.Next;
                idle.Next = null;
                return idle;
            }
        }

        try
        {
            return new(create(count), count);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Makes a call idle again; disposes it if the pool is closed.</summary>
    public void Return(PooledCall call)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                call.Next = _idle[call.Count];
                _idle[call.Count] = call;
                _inUse--;
                return;
            }
        }
        Discard(call);
    }

    /// <summary>Disposes a call: one that failed is not used again.</summary>
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
            _inUse++;                                   // this thread, until all idle calls are disposed
        }

        foreach (var first in _idle)
            for (var call = first; call is not null; call = call.Next) call.Call.Dispose();
        Leave();
    }

    void Leave()
    {
        bool isLast;
        lock (_gate)
        {
            _inUse--;
            isLast = _inUse == 0 && _closed;
        }
        if (isLast) graph.Dispose();
    }
}
