using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Retort.Runs;

namespace Retort.Fire;

/// <summary>
/// The real program at work, to be killed. Whoever starts one disposes it, and then it and its children are gone;
/// <see cref="EndAll"/> sees to those that nobody disposed.
/// </summary>
sealed class Victim : IDisposable
{
    static readonly ConcurrentDictionary<Victim, bool> Living = [];
    readonly Process _process;
    readonly StringBuilder _said = new();
    readonly long _since = Stopwatch.GetTimestamp();

    Victim(Process process) => _process = process;

    /// <summary>Beside this program lies the one that it kills.</summary>
    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Retort.Cli.exe" : "Retort.Cli");

    public static ProcessStartInfo Words(params string[] words) => new(Program, words)
    {
        RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
    };

    public static Victim Start(params string[] words)
    {
        var process = new Process { StartInfo = Words(words) };
        var victim = new Victim(process);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { lock (victim._said) victim._said.AppendLine(line.Data); };
        process.Start();
        Living[victim] = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return victim;
    }

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>What it ended with; 137 where it was killed.</summary>
    public int Code => _process.ExitCode;

    /// <summary>Since it was started.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_since);

    /// <summary>SIGKILL to it alone.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGKILL to it and its children.</summary>
    public void KillAll() => _process.Kill(entireProcessTree: true);

    /// <summary>
    /// Waits for its end; what it said on its error output, progress too, or nothing where it ended well.
    /// </summary>
    public string Ended()
    {
        _process.WaitForExit();
        lock (_said)
            return _process.ExitCode == 0 ? ""
                : _said.ToString().Trim() is { Length: > 0 } said ? said
                : string.Create(CultureInfo.InvariantCulture, $"code {Code} without a word");
    }

    /// <summary>Waits for its end, so long at most; whether it came.</summary>
    public bool Ends(TimeSpan patience) => _process.WaitForExit(patience);

    /// <summary>
    /// Looks again and again until something is found; null where the process ended before, or the time is up.
    /// </summary>
    public T? Seen<T>(TimeSpan patience, Func<T?> look) where T : class
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < patience && !HasEnded)
        {
            if (look() is { } found) return found;
            Thread.Sleep(1);
        }
        return null;
    }

    /// <summary>The numbers of its children; known on Linux alone.</summary>
    public IReadOnlyList<int> Children()
    {
        var id = Id.ToString(CultureInfo.InvariantCulture);
        return [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsDigit(name![0]))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(child => Stat(child) is { } stat && stat[Parent] == id)];
    }

    /// <summary>
    /// Whether a process is there and at work, or has threads that are: they hold its files until the last has ended.
    /// </summary>
    public static bool Lives(int id) =>
        Stat(id) is { } stat && (stat[State] != "Z" || int.Parse(stat[Threads], CultureInfo.InvariantCulture) > 1);

    /// <summary>Kills all that were started and are still there; who waits for one hears of its end.</summary>
    public static void EndAll()
    {
        foreach (var victim in Living.Keys) victim.End();
    }

    public void Dispose()
    {
        if (!Living.TryRemove(this, out _)) return;
        End();
        _process.Dispose();
    }

    void End()
    {
        try
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException) // it has ended just now, or its owner has done with it
        {
        }
    }

    const int State = 0, Parent = 1, Threads = 17; // of what stands after the name in /proc/N/stat

    /// <summary>What stands after a process's name; null where it is gone.</summary>
    static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
