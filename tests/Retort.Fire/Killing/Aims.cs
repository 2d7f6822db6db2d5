using System.Collections.Concurrent;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>Any moment of a run.</summary>
sealed class AnyMoment(Scene scene, Random chance) : Aim("training", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    protected override bool Meet(Victim victim)
    {
        var due = Scene.Traces() + 1 + Chance.Next(25);
        return victim.Seen(Patience, () => Scene.Traces() >= due ? "there" : null) is not null && Pause(victim, Chance.Next(20));
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

/// <summary>Between the making of a draft and its renaming: the draft is still there, or its file is there just now.</summary>
sealed class DuringARename(Scene scene, Random chance) : Aim("during a rename", scene, chance)
{
    readonly Window _window = new(4, chance);
    string _seen = "";

    /// <summary>Drafts that were still there after the kill; of these, drafts that lacked nothing but the name; files that had their name just now.</summary>
    public (int Left, int Whole, int Renamed) Found { get; private set; }

    protected override bool Meet(Victim victim)
    {
        using var watch = new FileSystemWatcher(Scene.Root, "*.draft") { IncludeSubdirectories = true, InternalBufferSize = 65536, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
        using var met = new ManualResetEventSlim();
        var (due, drafts, pause) = (1 + Chance.Next(12), 0, _window.Draw());
        watch.Created += (_, created) =>
        {
            if (++drafts != due) return;
            _seen = created.Name!;
            Pause(victim, pause);
            if (!victim.HasEnded) victim.Kill();
            met.Set();
        };
        watch.EnableRaisingEvents = true;
        while (!met.IsSet && !victim.HasEnded) met.Wait(50);
        return met.IsSet;
    }

    protected override string Strike(Victim victim)
    {
        victim.Ends(TimeSpan.FromSeconds(30));
        return $", {_seen} was seen";
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var left = after.Drafts.Where(draft => !before.Drafts.Contains(draft)).ToList();
        _window.Learn(left.Count > 0);
        var renamed = left.Count == 0 && File.Exists(Path.Combine(Scene.Root, TargetOf(_seen)));
        Found = (Found.Left + (left.Count > 0 ? 1 : 0), Found.Whole + (left.Any(after.IsWholeDraft) ? 1 : 0), Found.Renamed + (renamed ? 1 : 0));
        return left.Count > 0;
    }

    // name.process.guid.draft
    static string TargetOf(string draft) => string.Join('.', draft.Split('.')[..^3]);
}

/// <summary>Children at work: one of them is killed, or their parent, or both, or all at once.</summary>
sealed class InAChild(Scene scene, Random chance) : Aim("in a child", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(600, chance);
    readonly ConcurrentDictionary<string, int> _ways = [];
    (int Child, string Lock) _at;
    string? _trouble;
    bool _met;
    int _kills;

    /// <summary>How often whom.</summary>
    public IReadOnlyDictionary<string, int> Ways => _ways;

    protected override bool Meet(Victim victim)
    {
        var working = victim.Seen(Patience, () => Working(victim)) is not null && Pause(victim, _window.Draw()) ? Working(victim) : null;
        _window.Learn(met: working is not null);
        if (working is null) return false;
        _at = working[Chance.Next(working.Count)];
        return true;
    }

    protected override string Strike(Victim victim)
    {
        var children = victim.Children();
        var way = (_kills++ % 4) switch { 0 => "a child alone", 1 => "the parent alone", 2 => "a child, then the parent", _ => "all at once" };
        _ways.AddOrUpdate(way, 1, (_, count) => count + 1);
        _trouble = null;
        if (way == "all at once") victim.KillAll();
        if (way.StartsWith("a child", StringComparison.Ordinal)) KillOne(_at.Child);
        if (way.EndsWith("the parent", StringComparison.Ordinal) || way.StartsWith("the parent", StringComparison.Ordinal)) victim.Kill();
        if (!victim.Ends(Patience)) _trouble = "the parent did not end";
        else if (way == "a child alone" && victim.Code != 1) _trouble = Invariant($"the parent of a killed child ended with code {victim.Code}");
        else if (way == "a child alone" && !victim.Ended().Contains("its process ended with code 137", StringComparison.Ordinal)) _trouble = $"the parent of a killed child said: {victim.Ended()}";
        if (children.Any(child => !Gone(child))) _trouble = "a child lives on without its parent";
        _met = way == "the parent alone" || Left().StartsWith(Invariant($"process {_at.Child} "), StringComparison.Ordinal);
        return Invariant($", {way}; child {_at.Child} held {_at.Lock}, which says: {Left()}");
    }

    /// <summary>A killed child leaves its lock with its number; one that loses its parent ends in order, and was seen to hold it.</summary>
    protected override bool Proof(Disk before, Disk after) => _met;

    protected override string? Aftermath() => _trouble;

    /// <summary>The children that are at work on a part: they have its lock open. (To read it would be to take a lock, too.)</summary>
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
            return [.. Directory.EnumerateFileSystemEntries(Invariant($"/proc/{process}/fd")).Select(link => new FileInfo(link).LinkTarget ?? "")];
        }
        catch (IOException)                                                // it has ended just now
        {
            return [];
        }
    }

    /// <summary>What the lock says that a child left when it was killed.</summary>
    string Left() => File.Exists(Lock) ? File.ReadAllText(Lock).Trim() : "nothing";

    string Lock => Path.Combine(Scene.Root, "run", "networks", _at.Lock);

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

    static bool Gone(int id)
    {
        for (var i = 0; i < 1500; i++, Thread.Sleep(20))
            if (!Victim.Lives(id)) return true;
        return false;
    }
}

/// <summary>While a shard is asked for or written: it is claimed, and it is not there.</summary>
sealed class InCacheWriting(CacheScene scene, Random chance) : Aim("in cache writing", scene, chance)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(150, chance);

    protected override bool Meet(Victim victim)
    {
        var due = Scene.Traces() + 1 + Chance.Next(2);
        return victim.Seen(Patience, () => Scene.Traces() > due ? "there" : null) is not null && Pause(victim, _window.Draw());
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = after.Shards < scene.Shards && after.Claims.Any(claim => !after.Finished.Contains(claim[..^".claim".Length]));
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
        if (victim.Seen(Patience, () => Directory.GetDirectories(scene.Root, "*.draft").Except(old).FirstOrDefault()) is not null && Pause(victim, _window.Draw())) return true;
        _window.Learn(met: false);
        return false;
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = !scene.IsDone && after.Drafts.Any(draft => !before.Drafts.Contains(draft));
        _window.Learn(met);
        return met;
    }

    protected override string? Aftermath() => scene.IsDone && Outcome.Broken(scene.Target) is { Count: > 0 } broken ? $"the folder is there and not whole: {broken[0]}" : null;
}
