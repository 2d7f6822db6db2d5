using System.Diagnostics;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>A kill: where, when, and what it left.</summary>
/// <param name="Phase">Which of the moments it was to meet.</param>
/// <param name="Proven">Whether what lay on the disk says that it did.</param>
/// <param name="Moment">When it was.</param>
/// <param name="Left">What lay on the disk afterwards.</param>
/// <param name="Trouble">What was lost, or came out otherwise; null where nothing was.</param>
sealed record Killed(string Phase, bool Proven, string Moment, string Left, string? Trouble);

/// <summary>
/// Kills of one kind: on one piece of work, at moments of one sort. After a few of them the work is brought to its end.
/// </summary>
abstract class Killer(string phase, Workload workload, Random random)
{
    const int MostInOneFolder = 10;
    int _kills, _due;
    bool _isOver = true; // the folder: brought to its end, or kept for its trouble

    public string Phase => phase;

    /// <summary>How often the work was brought to its end and came out as the undisturbed.</summary>
    public int Finishes { get; private set; }

    /// <summary>Kills that found no one to kill, for the work was done before.</summary>
    public int Misses { get; private set; }

    protected Workload Workload => workload;
    protected Random Random => random;

    /// <summary>
    /// One kill; null where the program was done before the moment came. Troubles of the end are told in its place.
    /// </summary>
    public Killed? Next()
    {
        if (_isOver) Begin();
        var before = Disk.Read(workload.Root);
        using var victim = workload.Start();
        if (!Meet(victim))
        {
            Misses++;
            var said = victim.Ended();
            _isOver = said.Length > 0;
            if (_isOver)
                return new(
                    phase, false, "before it was met", "",
                    $"it failed by itself: {said.ReplaceLineEndings(" ")} (kept: {workload.Root})");
            return workload.IsDone && End() is { } end ? new(phase, false, "at the end", "", end) : null;
        }
        var moment = Invariant($"{victim.Age.TotalMilliseconds:0} ms after its start{Strike(victim)}");
        var after = Disk.Read(workload.Root);
        var trouble = after.Lost(before) ?? Aftermath();
        var proven = Proof(before, after);
        var left = after.ToString();
        if (trouble is not null) (_isOver, trouble) = (true, $"{trouble} (kept: {workload.Root})");
        else if (workload.IsDone || ++_kills >= _due) trouble = End();
        return new(phase, proven, moment, left, trouble);
    }

    /// <summary>Brings the work to its end: what came out otherwise, or null.</summary>
    public string? End()
    {
        if (_isOver) return null;
        _isOver = true;
        if (workload.Finish() is { Count: > 0 } differences)
            return $"{string.Join("; ", differences.Take(5))} (kept: {workload.Root})";
        Finishes++;
        Directory.Delete(workload.Root, recursive: true);
        return null;
    }

    /// <summary>Hears that a new folder is begun, and of how many kills in it.</summary>
    protected virtual void Begun(int kills) { }

    /// <summary>Waits for the moment; false where the process ended before it came.</summary>
    protected abstract bool Meet(Victim victim);

    /// <summary>Kills; says what is to be said of it.</summary>
    protected virtual string Strike(Victim victim)
    {
        victim.KillAll();
        victim.Ends(TimeSpan.FromSeconds(30));
        return "";
    }

    /// <summary>Whether the disk shows that the moment was met.</summary>
    protected abstract bool Proof(Disk before, Disk after);

    /// <summary>What else is wrong after the kill.</summary>
    protected virtual string? Aftermath() => null;

    /// <summary>Lets some milliseconds go by, exactly; false where the process ended meanwhile.</summary>
    protected static bool Pause(Victim victim, double milliseconds)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since).TotalMilliseconds < milliseconds;)
            if (milliseconds > 5) Thread.Sleep(1);
        return !victim.HasEnded;
    }

    void Begin()
    {
        workload.Anew();
        (_isOver, _kills, _due) = (false, 0, 2 + random.Next(MostInOneFolder - 1));
        Begun(_due);
    }
}

/// <summary>A span of time within which a moment is drawn; it learns from those that came too late.</summary>
sealed class Window(double milliseconds, Random random)
{
    public double Milliseconds { get; private set; } = milliseconds;

    public double Draw() => random.NextDouble() * Milliseconds;

    public void Learn(bool met) => Milliseconds *= met ? 1.03 : 0.8;
}
