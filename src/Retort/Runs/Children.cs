using Retort.Recipes;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Parts of a run side by side, in processes that each carry out one after another. A child reads a part's name a line on
/// its input; it reports one <see cref="TrainingProgress"/> a line on its output, then <see cref="RunCommand.PartDone"/>, and its one
/// sentence of failure on its error output. It saves and ends when its input is closed, which happens too when this
/// process is killed.
/// </summary>
sealed class Children : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    readonly ConcurrentDictionary<Process, bool> _running = [];
    readonly Lock _one = new();
    readonly CancellationTokenSource _stop;
    readonly ConcurrentQueue<string> _waiting;
    readonly ConcurrentQueue<Exception> _failures = [];
    readonly ProcessStartInfo _start;
    readonly IProgress<TrainingProgress>? _progress;

    Children(IEnumerable<string> parts, ProcessStartInfo start, IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        (_waiting, _start, _progress) = (new(parts), start, progress);
        (start.UseShellExecute, start.CreateNoWindow) = (false, true);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _ = start.Environment.Count;                                       // filled when it is first asked for, and by two threads at once it breaks
        _stop = CancellationTokenSource.CreateLinkedTokenSource(token);
    }

    /// <summary>Carries the parts out, so many at a time; the first failure stops the others and is thrown.</summary>
    public static void Run(IEnumerable<string> parts, int jobs, ProcessStartInfo start,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        using var children = new Children(parts, start, progress, token);
        using var asked = children._stop.Token.Register(children.AskToEnd);
        var threads = Enumerable.Range(1, jobs).Select(i => new Thread(children.Work) { Name = $"child {i}", IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        token.ThrowIfCancellationRequested();
        if (children._failures.TryDequeue(out var first)) throw first;
    }

    public void Dispose() => _stop.Dispose();

    void Work()
    {
        if (_stop.IsCancellationRequested || !_waiting.TryDequeue(out var part)) return;
        try
        {
            CarryOut(part);
        }
        catch (Exception error)                                            // thrown by Run, on the caller's thread
        {
            _failures.Enqueue(error);
            _stop.Cancel();
        }
    }

    /// <summary>One child, from this part on until none is waiting.</summary>
    void CarryOut(string first)
    {
        using var child = Started(first, _start);
        _running[child] = true;
        var (part, sentence) = ((string?)first, "");
        child.ErrorDataReceived += (_, line) => sentence = string.IsNullOrWhiteSpace(line.Data) ? sentence : line.Data;
        child.BeginErrorReadLine();
        try
        {
            while (part is not null && Asked(child, part) && Heard(child, part))
                part = _stop.IsCancellationRequested ? null : _waiting.TryDequeue(out var next) ? next : null;
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
            _running.TryRemove(child, out _);
        }
        if (part is null || _stop.IsCancellationRequested) return;
        throw new InvalidOperationException(sentence.Length > 0 ? sentence
            : $"{part}: its process ended with code {child.ExitCode.ToString(CultureInfo.InvariantCulture)} and said nothing; "
            + "if memory ran out, --jobs 1 trains one network at a time.");
    }

    /// <summary>Hands the child a part; whether it took it.</summary>
    bool Asked(Process child, string part)
    {
        lock (child)
        {
            if (_stop.IsCancellationRequested) return false;
            try
            {
                child.StandardInput.WriteLine(part);
                child.StandardInput.Flush();
                return true;
            }
            catch (IOException)                                            // it is gone; its sentence is on its error output
            {
                return false;
            }
        }
    }

    /// <summary>Hands its progress on; whether it came to the part's end.</summary>
    bool Heard(Process child, string part)
    {
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line == RunCommand.PartDone) return true;
            Tell(part, line);
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

    static Process Started(string part, ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{part}: {start.FileName} did not start.");
        }
        catch (Win32Exception error)
        {
            throw new InvalidOperationException(
                $"{part}: {start.FileName} cannot be started ({error.Message}); --jobs 1 needs no other process.", error);
        }
    }

    void Tell(string part, string line)
    {
        try
        {
            var progress = JsonSerializer.Deserialize<TrainingProgress>(line, Json.Line);
            if (progress is not null && _progress is not null)
                lock (_one) _progress.Report(progress);
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"{part}: its process said '{line}', which is no progress.", error);
        }
    }

    /// <summary>Closes every child's input; who has not ended a while later is killed.</summary>
    void AskToEnd()
    {
        foreach (var child in _running.Keys)
        {
            Close(child);
            _ = Task.Delay(Patience).ContinueWith(_ => Kill(child), TaskScheduler.Default);
        }
    }

    void Kill(Process child)
    {
        try
        {
            if (_running.ContainsKey(child)) child.Kill();
        }
        catch (InvalidOperationException)                                  // it has ended just now
        {
        }
    }
}
