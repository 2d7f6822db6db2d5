using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Retort.Training;

/// <summary>
/// Loads batches on background threads ahead of the step, in the sampler's order. The batches do not depend on the
/// number of threads: an example's augmentation follows from seed, pass and id. The threads fill managed arrays and
/// never call libtorch.
/// </summary>
sealed class DataLoader : IDisposable
{
    const long BufferBytes = 64_000_000;              // the most that loaded batches may take, if there are at least 4

    readonly IDataSplit _data;
    readonly Sampler _sampler;
    readonly long _seed;
    readonly long _end;
    readonly object _gate = new();                    // guards what follows
    readonly int _capacity;                           // loaded batches at a time, with the one that is in use
    readonly Slot[] _slots;
    readonly Thread[] _threads;
    long _claimed;                                    // the next step that no thread has claimed
    long _served;                                     // the next step that Next returns
    int _idle;                                        // threads that wait for a free slot
    bool _stopped;
    long _waited;

    /// <summary>Starts the threads.</summary>
    /// <param name="data">The split; it is loaded on several threads at a time where there are several.</param>
    /// <param name="sampler">The order.</param>
    /// <param name="seed">The seed of the augmentation.</param>
    /// <param name="fromStep">The first step to load.</param>
    /// <param name="steps">Steps in all: the last one to load is steps - 1.</param>
    /// <param name="threads">
    /// Background threads; with 0 the caller's thread loads each batch in <see cref="Next"/>.
    /// </param>
    public DataLoader(IDataSplit data, Sampler sampler, long seed, long fromStep, long steps, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _data = data;
        _sampler = sampler;
        _seed = seed;
        _end = steps;
        _claimed = fromStep;
        _served = fromStep;
        _capacity = threads == 0 ? 1 : (int)Math.Clamp(BufferBytes / BatchBytes(fromStep), 4, 16);
        _slots = [.. Enumerable.Range(0, _capacity).Select(_ => new Slot())];
        _threads =
        [
            .. Enumerable.Range(1, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"loader {i}" }),
        ];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Seconds that <see cref="Next"/> has waited for batches, in total.</summary>
    public double WaitSeconds => (double)_waited / Stopwatch.Frequency;

    /// <summary>
    /// The batch of the next step, valid until the next call. An error in loading it is thrown here.
    /// </summary>
    public HostBatch Next()
    {
        if (_served >= _end) throw new InvalidOperationException($"All {_end} steps have been loaded.");

        var since = Stopwatch.GetTimestamp();
        var slot = _threads.Length == 0 ? LoadHere() : WaitForSlot();
        _waited += Stopwatch.GetTimestamp() - since;
        slot.Failure?.Throw();
        return slot.Batch;
    }

    /// <summary>Stops the threads and waits until they have ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    long BatchBytes(long step)
    {
        var inputs = _data.Info.Inputs.Concat(_data.Info.TeacherInputs ?? []);
        return sizeof(float) * inputs.Sum(input => input.Count) * _sampler.At(step).Positions.Length;
    }

    Slot LoadHere()
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        Fill(_slots[0], _served++);
        return _slots[0];
    }

    Slot WaitForSlot()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            var slot = _slots[_served % _capacity];
            while (slot.Step != _served) Monitor.Wait(_gate);
            _served++;                                                        // frees the slot of the step before

            // waking a thread costs more than a small batch: wait until several slots are free
            if (_idle > 0 && _claimed - _served <= _capacity / 2) Monitor.PulseAll(_gate);
            return slot;
        }
    }

    void Work()
    {
        while (Claim() is { } step)
        {
            var slot = _slots[step % _capacity];
            Fill(slot, step);
            lock (_gate)
            {
                slot.Step = step;
                if (step == _served) Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>
    /// Waits for a free slot and claims the next step; null at the end. The batch that is in use keeps its slot.
    /// </summary>
    long? Claim()
    {
        lock (_gate)
        {
            while (!_stopped && _claimed < _end && _claimed >= _served + _capacity - 1)
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
        catch (Exception error)                                               // Next throws it at this step
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
