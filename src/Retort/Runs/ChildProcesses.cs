using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Runs jobs side by side in child processes, each of which runs one job after another. A child reads the name of a job
/// from each line of its input. To its output it writes a <see cref="TrainingProgress"/> on each line, then
/// <see cref="Done"/>, or <see cref="Held"/> where another process holds the job; to its error output the one sentence
/// of a failure. It saves and ends when its input is closed, which also happens when this process is killed.
/// </summary>
sealed class ChildProcesses : IDisposable
{
    /// <summary>The line that a child writes after a job.</summary>
    public const string Done = "done";

    /// <summary>The line that a child writes where another process holds the job.</summary>
    public const string Held = "held";

    static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(15);
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<Process, bool> _processes = [];
    readonly ConcurrentDictionary<string, bool> _running = [];
    readonly ConcurrentDictionary<string, long> _held = [];
    readonly ConcurrentQueue<Exception> _failures = [];
    readonly BlockingCollection<string> _queue = [];
    readonly SemaphoreSlim _finished = new(0);
    readonly CancellationTokenSource _stop;
    readonly CancellationTokenRegistration _onStop;
    readonly List<Thread> _threads;
    readonly ProcessStartInfo _start;
    readonly IProgress<TrainingProgress>? _progress;
    readonly Lock _reporting = new();

    /// <param name="start">How a child is started.</param>
    /// <param name="count">The largest number of children; each is started when there is a job for it.</param>
    /// <param name="progress">Receives the progress of the children.</param>
    /// <param name="token">Makes all children save and end.</param>
    public ChildProcesses(
        ProcessStartInfo start, int count, IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        _start = start;
        _progress = progress;
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _ = start.Environment.Count;            // filled at the first access, which is not safe on two threads at once
        _stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        _onStop = _stop.Token.Register(CloseAll);
        _threads =
        [
            .. Enumerable.Range(1, count).Select(i => new Thread(Work) { Name = $"child {i}", IsBackground = true }),
        ];
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>The number of running jobs.</summary>
    public int Count => _running.Count;

    /// <summary>Whether a child is free.</summary>
    public bool HasRoom => _running.Count < _threads.Count;

    /// <summary>Whether a job is running here, or was held by another process within the last second.</summary>
    public bool IsBusy(string job) => _running.ContainsKey(job)
        || _held.TryGetValue(job, out var since) && Stopwatch.GetElapsedTime(since) < RetryDelay;

    /// <summary>Starts a job in a child.</summary>
    public void Start(string job)
    {
        _running[job] = true;
        _queue.Add(job);
    }

    /// <summary>Waits until a job has ended, or this time has passed.</summary>
    public void WaitForOne(TimeSpan timeout) => _finished.Wait(timeout);

    /// <summary>
    /// If a job has failed, waits until every child has saved and ended, and throws the first failure.
    /// </summary>
    public void ThrowFailure(CancellationToken token)
    {
        if (_failures.IsEmpty) return;

        Finish(token);
    }

    /// <summary>Waits until the children have ended; throws the first failure.</summary>
    public void Finish(CancellationToken token)
    {
        if (!_queue.IsAddingCompleted) _queue.CompleteAdding();
        _threads.ForEach(thread => thread.Join());
        token.ThrowIfCancellationRequested();
        if (_failures.TryDequeue(out var first)) throw first;
    }

    public void Dispose()
    {
        if (!_queue.IsAddingCompleted)
        {
            _stop.Cancel();
            _queue.CompleteAdding();
        }
        _threads.ForEach(thread => thread.Join());
        _onStop.Dispose();
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
        catch (OperationCanceledException)                                 // by Dispose or the token
        {
        }
        catch (Exception error)                                            // Finish throws it on the caller's thread
        {
            _failures.Enqueue(error);
            _stop.Cancel();
        }
        _finished.Release();
    }

    // runs one child, with this job and the following ones
    void RunFrom(string first)
    {
        using var child = StartProcess(first, _start);
        _processes[child] = true;
        var job = first;
        var sentence = "";
        child.ErrorDataReceived += (_, line) => sentence = string.IsNullOrWhiteSpace(line.Data) ? sentence : line.Data;
        child.BeginErrorReadLine();
        var failed = false;
        try
        {
            do
            {
                failed = !Send(child, job) || !WaitForEnd(child, job);
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

        var code = child.ExitCode.ToString(CultureInfo.InvariantCulture);
        throw new InvalidOperationException(sentence.Length > 0 ? sentence
            : $"{job}: its process ended with code {code} and without a message; "
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

    // whether the child could read the job
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
            catch (IOException)                          // it has ended; its message is on its error output
            {
                return false;
            }
        }
    }

    // reports the child's progress; whether it reached the job's end
    bool WaitForEnd(Process child, string job)
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
            catch (IOException)                                            // it has ended already
            {
            }
        }
    }

    static Process StartProcess(string job, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)
                ?? throw new InvalidOperationException($"{job}: {start.FileName} did not start.");
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException($"{job}: {start.FileName} cannot be started ({error.Message}); "
                + "--jobs 1 needs no other process.", error);
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
            throw new InvalidOperationException($"{job}: its process wrote '{line}', which is not progress.", error);
        }
    }

    // closes the input of every child, and kills those that have not ended some time later
    void CloseAll()
    {
        foreach (var child in _processes.Keys)
        {
            Close(child);
            _ = Task.Delay(KillDelay).ContinueWith(_ => Kill(child), TaskScheduler.Default);
        }
    }

    void Kill(Process child)
    {
        try
        {
            if (_processes.ContainsKey(child)) child.Kill();
        }
        catch (InvalidOperationException)                                  // it has just ended
        {
        }
    }
}
