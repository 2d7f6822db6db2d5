using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Retort.Training;

/// <summary>
/// Prepares batches on threads of its own ahead of the step, in the sampler's order. The batches are those that would
/// be prepared without it: what is done to an example follows from seed, pass and id. Its threads fill managed arrays
/// and never touch the engine.
/// </summary>
sealed class DataLoader : IDisposable
{
    const long Room = 64_000_000;                     // bytes that prepared batches may take, as long as there are 4

    readonly IDataSplit _data;
    readonly Sampler _sampler;
    readonly long _seed;
    readonly long _end;
    readonly object _gate = new();                    // guards what follows
    readonly int _ahead;                              // batches held at a time, the one handed out among them
    readonly Slot[] _slots;
    readonly Thread[] _threads;
    long _claimed;                                    // the next step that no thread has taken on
    long _served;                                     // the next step that has not been handed out
    int _idle;                                        // threads that wait for room
    bool _stopped;
    long _waited;

    /// <summary>Starts at once.</summary>
    /// <param name="data">What is prepared; called on several threads at a time where there are several.</param>
    /// <param name="sampler">The order.</param>
    /// <param name="seed">The seed of the augmentation.</param>
    /// <param name="fromStep">The first step to be prepared.</param>
    /// <param name="steps">Steps in all: the last one prepared is steps - 1.</param>
    /// <param name="threads">Threads that work ahead; 0 prepares each batch when it is asked for, on the caller's.</param>
    public DataLoader(IDataSplit data, Sampler sampler, long seed, long fromStep, long steps, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        (_data, _sampler, _seed, _end) = (data, sampler, seed, steps);
        (_claimed, _served) = (fromStep, fromStep);
        var numbers = data.Info.Inputs.Concat(data.Info.TeacherInputs ?? []).Sum(input => input.Count);
        var bytes = sizeof(float) * numbers * sampler.At(fromStep).Positions.Length;
        _ahead = threads == 0 ? 1 : (int)Math.Clamp(Room / bytes, 4, 16);
        _slots = [.. Enumerable.Range(0, _ahead).Select(_ => new Slot())];
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"loader {i + 1}" })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>How long <see cref="Next"/> has kept its caller waiting, altogether.</summary>
    public double WaitSeconds => (double)_waited / Stopwatch.Frequency;

    /// <summary>The batch of the next step; it is valid until the next call. Throws here what went wrong in preparing it.</summary>
    public HostBatch Next()
    {
        if (_served >= _end) throw new InvalidOperationException($"All {_end} steps have been handed out.");
        var since = Stopwatch.GetTimestamp();
        var slot = _threads.Length == 0 ? Here() : Awaited();
        _waited += Stopwatch.GetTimestamp() - since;
        slot.Failure?.Throw();
        return slot.Batch;
    }

    /// <summary>Stops the threads and waits until they are gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    Slot Here()
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        Fill(_slots[0], _served++);
        return _slots[0];
    }

    Slot Awaited()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            var slot = _slots[_served % _ahead];
            while (slot.Step != _served) Monitor.Wait(_gate);
            _served++;                                                        // frees the slot before this one
            // waking a thread costs more than a small batch: let room for several come together
            if (_idle > 0 && _claimed - _served <= _ahead / 2) Monitor.PulseAll(_gate);
            return slot;
        }
    }

    void Work()
    {
        while (Claim() is { } step)
        {
            var slot = _slots[step % _ahead];
            Fill(slot, step);
            lock (_gate)
            {
                slot.Step = step;
                if (step == _served) Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>A step to prepare, once there is room for it; null at the end. The batch last handed out keeps its slot.</summary>
    long? Claim()
    {
        lock (_gate)
        {
            while (!_stopped && _claimed < _end && _claimed >= _served + _ahead - 1)
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
            return _stopped || _claimed >= _end ? null : _claimed++;
        }
    }

    void Fill(Slot slot, long step)
    {
        try
        {
            slot.Failure = null;
            var (positions, pass) = _sampler.At(step);
            _data.Load(positions, new View(_seed, pass), slot.Batch);
        }
        catch (Exception error)                                               // handed on at the step it belongs to
        {
            slot.Failure = ExceptionDispatchInfo.Capture(error);
        }
    }

    sealed class Slot
    {
        public HostBatch Batch { get; } = new();
        public long Step = -1;
        public ExceptionDispatchInfo? Failure;
    }
}
