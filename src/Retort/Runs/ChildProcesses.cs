using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Jobs side by side, in processes that each carry out one after another. A child reads a job's name a line on its input;
/// it writes one <see cref="TrainingProgress"/> a line to its output, then <see cref="Done"/>, or <see cref="Held"/> where
/// another process works on the job, and its one sentence of failure to its error output. It saves and ends when its input
/// is closed, which happens too when this process is killed.
/// </summary>
sealed class ChildProcesses : IDisposable
{
    /// <summary>What a child writes after a job.</summary>
    public const string Done = "done";

    /// <summary>What a child writes where another process holds the job.</summary>
    public const string Held = "held";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    readonly ConcurrentDictionary<Process, bool> _processes = [];
    readonly ConcurrentDictionary<string, bool> _running = [];
    readonly ConcurrentDictionary<string, long> _held = [];
    readonly ConcurrentQueue<Exception> _failures = [];
    readonly BlockingCollection<string> _queue = [];
    readonly SemaphoreSlim _finished = new(0);
    readonly CancellationTokenSource _stop;
    readonly CancellationTokenRegistration _asked;
    readonly List<Thread> _threads;
    readonly ProcessStartInfo _start;
    readonly IProgress<TrainingProgress>? _progress;
    readonly Lock _reporting = new();

    /// <param name="start">How a child is started.</param>
    /// <param name="count">Children at most; each is started when there is a job for it.</param>
    /// <param name="progress">Hears what the children report.</param>
    /// <param name="token">Asks all children to save and end.</param>
    public ChildProcesses(ProcessStartInfo start, int count, IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        (_start, _progress) = (start, progress);
        (start.UseShellExecute, start.CreateNoWindow) = (false, true);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _ = start.Environment.Count;            // filled at the first access, which two threads must not make at once
        _stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        _asked = _stop.Token.Register(AskToEnd);
        _threads =
        [
            .. Enumerable.Range(1, count).Select(i => new Thread(Work) { Name = $"child {i}", IsBackground = true }),
        ];
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Jobs that are running.</summary>
    public int Count => _running.Count;

    /// <summary>Whether a child is free.</summary>
    public bool HasRoom => _running.Count < _threads.Count;

    /// <summary>Whether a job is running here, or was held by another process a moment ago.</summary>
    public bool IsBusy(string job) => _running.ContainsKey(job)
        || _held.TryGetValue(job, out var since) && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(1);

    /// <summary>Hands a job to a child.</summary>
    public void Start(string job)
    {
        _running[job] = true;
        _queue.Add(job);
    }

    /// <summary>Waits until a job has ended, at most so long.</summary>
    public void WaitForOne(TimeSpan most) => _finished.Wait(most);

    /// <summary>Throws the first failure, once every child has saved and ended.</summary>
    public void ThrowFailure(CancellationToken token)
    {
        if (_failures.IsEmpty) return;

        Finish(token);
    }

    /// <summary>Lets the children end and waits for them; throws the first failure.</summary>
    public void Finish(CancellationToken token)
    {
        if (!_queue.IsAddingCompleted) _queue.CompleteAdding();
        _threads.ForEach(thread => thread.Join());
        token.ThrowIfCancellationRequested();
        if (_failures.TryDequeue(out var first)) throw first;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_queue.IsAddingCompleted)
        {
            _stop.Cancel();
            _queue.CompleteAdding();
        }
        _threads.ForEach(thread => thread.Join());
        _asked.Dispose();
        _stop.Dispose();
        _queue.Dispose();
        _finished.Dispose();
    }

    void Work()
    {
        try
        {
            foreach (var job in _queue.GetConsumingEnumerable(_stop.Token)) RunFrom(job);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception error)                                            // thrown by Finish, on the caller's thread
        {
            _failures.Enqueue(error);
            _stop.Cancel();
        }
        _finished.Release();
    }

    // one child, from this job on until no more come
    void RunFrom(string first)
    {
        using var child = Started(first, _start);
        _processes[child] = true;
        var (job, sentence) = (first, "");
        child.ErrorDataReceived += (_, line) => sentence = string.IsNullOrWhiteSpace(line.Data) ? sentence : line.Data;
        child.BeginErrorReadLine();
        var failed = false;
        try
        {
            do
            {
                failed = !Send(child, job) || !Listen(child, job);
                if (failed) break;

                _running.TryRemove(job, out _);
                _finished.Release();
            }
            while (!_stop.IsCancellationRequested && Next() is { } next && (job = next) is not null);
            Close(child);
            child.WaitForExit();
        }
        catch
        {
            child.Kill();
            throw;
        }
        finally
        {
            _processes.TryRemove(child, out _);
            _running.TryRemove(job, out _);
        }
        if (!failed || _stop.IsCancellationRequested) return;

        throw new InvalidOperationException(sentence.Length > 0 ? sentence
            : $"{job}: its process ended with code {child.ExitCode.ToString(CultureInfo.InvariantCulture)} and said nothing; "
            + "if memory ran out, --jobs 1 trains one network at a time.");
    }

    string? Next()
    {
        try
        {
            return _queue.TryTake(out var job, Timeout.Infinite, _stop.Token) ? job : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // whether the child took the job
    bool Send(Process child, string job)
    {
        lock (child)
        {
            if (_stop.IsCancellationRequested) return false;
            try
            {
                child.StandardInput.WriteLine(job);
                child.StandardInput.Flush();
                return true;
            }
            catch (IOException)                                            // it is gone; its sentence is on its error output
            {
                return false;
            }
        }
    }

    // hands its progress on; whether it came to the job's end
    bool Listen(Process child, string job)
    {
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line == Done) return true;
            if (line == Held)
            {
                _held[job] = Stopwatch.GetTimestamp();
                return true;
            }
            Report(job, line);
        }
        return false;
    }

    static void Close(Process child)
    {
        lock (child)
        {
            try
            {
                child.StandardInput.Close();
            }
            catch (IOException)                                            // it is gone already
            {
            }
        }
    }

    static Process Started(string job, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)
                ?? throw new InvalidOperationException($"{job}: {start.FileName} did not start.");
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException(
                $"{job}: {start.FileName} cannot be started ({error.Message}); --jobs 1 needs no other process.", error);
        }
    }

    void Report(string job, string line)
    {
        try
        {
            var progress = JsonSerializer.Deserialize<TrainingProgress>(line, Json.Line);
            if (progress is null || _progress is null) return;

            lock (_reporting) _progress.Report(progress);
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"{job}: its process wrote '{line}', which is no progress.", error);
        }
    }

    // closes every child's input; one that has not ended a while later is killed
    void AskToEnd()
    {
        foreach (var child in _processes.Keys)
        {
            Close(child);
            _ = Task.Delay(Patience).ContinueWith(_ => Kill(child), TaskScheduler.Default);
        }
    }

    void Kill(Process child)
    {
        try
        {
            if (_processes.ContainsKey(child)) child.Kill();
        }
        catch (InvalidOperationException)                                  // it has ended just now
        {
        }
    }
}
