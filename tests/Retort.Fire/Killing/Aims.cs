using Retort.Fire.Damage;
using Retort.Report;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>Any moment of a run.</summary>
sealed class AnyMoment(Scene scene, Random chance) : Aim("training", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    protected override bool Meet(Victim victim)
    {
        var due = Scene.Traces() + 1 + RandomStream.Next(25);
        return victim.Seen(Patience, () => Scene.Traces() >= due ? "there" : null) is not null
            && Pause(victim, RandomStream.Next(20));
    }

    protected override bool Proof(Disk before, Disk after) => after.HasCheckpoint;
}

/// <summary>While nothing is saved yet that a run could go on from.</summary>
sealed class BeforeTheFirstCheckpoint(Scene scene, Random chance) : Aim("before the first checkpoint", scene, chance)
{
    readonly Window _window = new(2500, chance);

    protected override bool Meet(Victim victim) => Pause(victim, _window.Draw());

    protected override bool Proof(Disk before, Disk after)
    {
        _window.Learn(!after.HasCheckpoint);
        return !after.HasCheckpoint;
    }
}

/// <summary>
/// Between the making of a draft and its renaming: the draft is still there, or its file is there just now. The drafts
/// are drawn from all that the undisturbed run makes, and every other one so that each kind of file has the same
/// chance: most are checkpoints.
/// </summary>
sealed class DuringARename(RunScene scene, Random chance) : Aim("during a rename", scene, chance)
{
    readonly Window _window = new(4, chance);
    readonly SortedDictionary<string, int> _files = new(StringComparer.Ordinal);
    readonly Queue<int> _points = [];   // of the undisturbed run's drafts, those to kill at
    int _reached = -1;                  // the last that was made
    string _seen = "";

    /// <summary>
    /// Drafts that were still there after the kill; of these, drafts that lacked nothing but
    /// the name; files that had their name just now.
    /// </summary>
    public (int Left, int Whole, int Renamed) Found { get; private set; }

    /// <summary>How often the draft that was left was of which file.</summary>
    public IReadOnlyDictionary<string, int> Files => _files;

    protected override void Begun(int kills)
    {
        var kinds = scene.Written.Select((path, at) => (Kind: Path.GetFileName(path), at))
            .GroupBy(one => one.Kind, one => one.at)
            .Select(kind => kind.ToList())
            .ToList();
        _points.Clear();
        foreach (var point in Enumerable.Range(0, kills)
            .Select(i => i % 2 == 0 ? RandomStream.Next(scene.Written.Count) : RandomStream.Of(RandomStream.Of(kinds)))
            .Order())
            _points.Enqueue(point);
        _reached = -1;
    }

    protected override bool Meet(Victim victim)
    {
        using var watch = Drafts.In(Scene.Root);
        using var met = new ManualResetEventSlim();
        var (point, pause) = (_points.Count > 0 ? _points.Dequeue() : _reached + 1, _window.Draw());
        watch.Created += (_, created) =>
        {
            if (met.IsSet || !Reached(Drafts.TargetOf(created.Name!), point)) return;
            _seen = created.Name!;
            Pause(victim, pause);
            if (!victim.HasEnded) victim.Kill();
            met.Set();
        };
        watch.EnableRaisingEvents = true;
        while (!met.IsSet && !victim.HasEnded) met.Wait(50);
        return met.IsSet;
    }

    // one that was killed is made again, and one file is written many times: forward to the
    // next draft of it, where there is one
    bool Reached(string target, int point)
    {
        for (var at = _reached + 1; at < scene.Written.Count; at++)
            if (scene.Written[at] == target) return (_reached = at) >= point;
        return false;
    }

    protected override string Strike(Victim victim)
    {
        victim.Ends(TimeSpan.FromSeconds(30));
        return Invariant($", {_seen} was seen, draft {_reached + 1} of {scene.Written.Count}");
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var left = after.Drafts.Where(draft => !before.Drafts.Contains(draft)).ToList();
        _window.Learn(left.Count > 0);
        var renamed = left.Count == 0 && File.Exists(Path.Combine(Scene.Root, Drafts.TargetOf(_seen)));
        Found = (
            Found.Left + (left.Count > 0 ? 1 : 0),
            Found.Whole + (left.Any(after.IsWholeDraft) ? 1 : 0),
            Found.Renamed + (renamed ? 1 : 0));
        if (left.Count == 0) return false;
        var kind = Path.GetFileName(Drafts.TargetOf(left[0]));
        _files[kind] = _files.GetValueOrDefault(kind) + 1;
        _reached--;
        return true;
    }
}

/// <summary>Children at work on parts of a run: they have the parts' locks open.</summary>
abstract class Families(string phase, Scene scene, Random chance) : Aim(phase, scene, chance)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(600, chance);
    string? _trouble;

    /// <summary>The child that was drawn, and the lock that it has.</summary>
    protected (int Child, string Lock) At { get; private set; }

    protected override bool Meet(Victim victim)
    {
        var working = victim.Seen(Patience, () => Working(victim)) is not null && Pause(victim, _window.Draw())
            ? Working(victim) : null;
        _window.Learn(met: working is not null);
        if (working is null) return false;
        At = working[RandomStream.Next(working.Count)];
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

    string Lock => Path.Combine(Scene.Root, "run", "networks", At.Lock);

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
sealed class InAChild(Scene scene, Random chance) : Families("in a child", scene, chance)
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
sealed class OfAParent(Scene scene, Random chance) : Families("of a parent", scene, chance)
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

/// <summary>While a shard is asked for or written: it is claimed, and it is not there.</summary>
sealed class InCacheWriting(CacheScene scene, Random chance) : Aim("in cache writing", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(150, chance);

    protected override bool Meet(Victim victim)
    {
        var due = Scene.Traces() + 1 + RandomStream.Next(2);
        return victim.Seen(Patience, () => Scene.Traces() > due ? "there" : null) is not null
            && Pause(victim, _window.Draw());
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = after.Shards < scene.Shards
            && after.Claims.Any(claim => !after.Finished.Contains(claim[..^".claim".Length]));
        _window.Learn(met);
        return met;
    }
}

/// <summary>While a folder is exported: its draft is there, and it is not.</summary>
sealed class InExport(ExportScene scene, Random chance) : Aim("in export", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(600, chance);

    protected override bool Meet(Victim victim)
    {
        var old = Directory.GetDirectories(scene.Root, "*.draft");
        if (victim.Seen(Patience, NewDraft) is not null && Pause(victim, _window.Draw())) return true;
        _window.Learn(met: false);
        return false;

        string? NewDraft() => Directory.GetDirectories(scene.Root, "*.draft").Except(old).FirstOrDefault();
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = !scene.IsDone && after.Drafts.Any(draft => !before.Drafts.Contains(draft));
        _window.Learn(met);
        return met;
    }

    protected override string? Aftermath() => scene.IsDone && Outcome.Broken(scene.Target) is { Count: > 0 } broken
        ? $"the folder is there and not whole: {broken[0]}" : null;
}
