using Retort.Report;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>Children at work on parts of a run: they have the parts' locks open.</summary>
abstract class Families(string phase, Workload workload, Random random) : Killer(phase, workload, random)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(600, random);
    string? _trouble;

    /// <summary>The child that was drawn, and the lock that it has.</summary>
    protected (int Child, string Lock) At { get; private set; }

    protected override bool Meet(Victim victim)
    {
        var working = victim.Seen(Patience, () => Working(victim)) is not null && Pause(victim, _window.Draw())
            ? Working(victim) : null;
        _window.Learn(met: working is not null);
        if (working is null) return false;
        At = working[Random.Next(working.Count)];
        return true;
    }

    protected override string Strike(Victim victim)
    {
        var children = victim.Children();
        (var said, _trouble) = Kill(victim);
        if (children.Any(child => !Gone(child))) _trouble = "a child lives on without its parent";
        return Invariant($", {said}; child {At.Child} held {At.Lock}, which says: {Left()}");
    }

    /// <summary>Kills and waits for the parent's end: what is to be said, and what was wrong.</summary>
    protected abstract (string Said, string? Trouble) Kill(Victim victim);

    protected override string? Aftermath() => _trouble;

    /// <summary>
    /// What the lock says: a child that was killed leaves it with its number, one that ends in order takes it away.
    /// </summary>
    protected string Left() => File.Exists(Lock) ? File.ReadAllText(Lock).Trim() : "nothing";

    /// <summary>Whether a process has the lock open. (To read it would be to take a lock, too.)</summary>
    protected bool Holds(int child) => Open(child).Contains(Lock);

    string Lock => Path.Combine(Workload.Root, "run", "networks", At.Lock);

    static List<(int Child, string Lock)>? Working(Victim victim)
    {
        List<(int, string)> found = [];
        foreach (var child in victim.Children())
            if (Open(child).FirstOrDefault(path => path.EndsWith("/lock", StringComparison.Ordinal)) is { } held)
                found.Add((child, Path.GetFileName(Path.GetDirectoryName(held)!) + "/lock"));
        return found.Count > 0 ? found : null;
    }

    static IReadOnlyList<string> Open(int process)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Invariant($"/proc/{process}/fd"))
                .Select(link => new FileInfo(link).LinkTarget ?? "")];
        }
        catch (IOException)                                                // it has ended just now
        {
            return [];
        }
    }

    static bool Gone(int id)
    {
        for (var i = 0; i < 1500; i++, Thread.Sleep(20))
            if (!Victim.Lives(id)) return true;
        return false;
    }
}

/// <summary>A child is killed, alone, or its parent after it, or all at once.</summary>
sealed class InAChild(Workload workload, Random random) : Families("in a child", workload, random)
{
    readonly Dictionary<string, int> _ways = [];
    string _way = "";
    int _kills;

    /// <summary>How often whom, where the disk proves it.</summary>
    public IReadOnlyDictionary<string, int> Ways => _ways;

    protected override (string, string?) Kill(Victim victim)
    {
        _way = (_kills++ % 3) switch { 0 => "a child alone", 1 => "a child, then the parent", _ => "all at once" };
        if (_way == "all at once") victim.KillAll();
        else KillOne(At.Child);
        if (_way == "a child, then the parent") victim.Kill();
        var trouble = !victim.Ends(Patience) ? "the parent did not end"
            : _way != "a child alone" ? null
            : victim.Code != 1 ? Invariant($"the parent of a killed child ended with code {victim.Code}")
            : !victim.Ended().Contains("its process ended with code 137", StringComparison.Ordinal)
                ? $"the parent of a killed child said: {victim.Ended()}"
            : null;
        return (_way, trouble);
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var killed = Left().StartsWith(Invariant($"process {At.Child} "), StringComparison.Ordinal);
        if (killed) _ways[_way] = _ways.GetValueOrDefault(_way) + 1;
        return killed;
    }

    static void KillOne(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit();
        }
        catch (ArgumentException)                                          // it has ended just now
        {
        }
    }
}

/// <summary>The parent alone is killed: its children live on for a moment, save, and end in order.</summary>
sealed class OfAParent(Workload workload, Random random) : Families("of a parent", workload, random)
{
    bool _outlived;

    protected override (string, string?) Kill(Victim victim)
    {
        victim.Kill();
        var ended = victim.Ends(Patience);
        _outlived = ended && Holds(At.Child);
        return (
            _outlived ? "the parent alone; after its end the child was at work" : "the parent alone",
            ended ? null : "the parent did not end");
    }

    protected override bool Proof(Disk before, Disk after) => _outlived && Left() == "nothing" && after.HasCheckpoint;

    protected override string? Aftermath() => base.Aftermath()
        ?? (Left() is not "nothing" and var left
            ? $"a child did not end in order without its parent: its lock says {left}"
            : null);
}
