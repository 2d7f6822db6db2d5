using Retort.Fire.Damage;
using Retort.Report;
using Retort.Runs;
using static System.FormattableString;

namespace Retort.Fire;

/// <summary>Any moment of a run.</summary>
sealed class AnyMoment(Workload workload, Random random) : Killer("training", workload, random)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    protected override bool Meet(Victim victim)
    {
        var due = Workload.Traces() + 1 + Random.Next(25);
        return victim.Seen(Patience, () => Workload.Traces() >= due ? "there" : null) is not null
            && Pause(victim, Random.Next(20));
    }

    protected override bool Proof(Disk before, Disk after) => after.HasCheckpoint;
}

/// <summary>While nothing is saved yet that a run could go on from.</summary>
sealed class BeforeTheFirstCheckpoint(Workload workload, Random random)
    : Killer("before the first checkpoint", workload, random)
{
    readonly Window _window = new(2500, random);

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
/// random: most are checkpoints.
/// </summary>
sealed class DuringARename(RunWorkload workload, Random random) : Killer("during a rename", workload, random)
{
    readonly Window _window = new(4, random);
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
        var kinds = workload.WrittenDrafts.Select((path, at) => (Kind: Path.GetFileName(path), at))
            .GroupBy(one => one.Kind, one => one.at)
            .Select(kind => kind.ToList())
            .ToList();
        _points.Clear();
        foreach (var point in Enumerable.Range(0, kills)
            .Select(i => i % 2 == 0 ? Random.Next(workload.WrittenDrafts.Count) : Random.Of(Random.Of(kinds)))
            .Order())
            _points.Enqueue(point);
        _reached = -1;
    }

    protected override bool Meet(Victim victim)
    {
        using var watch = Drafts.In(Workload.Root);
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
        for (var at = _reached + 1; at < workload.WrittenDrafts.Count; at++)
            if (workload.WrittenDrafts[at] == target) return (_reached = at) >= point;
        return false;
    }

    protected override string Strike(Victim victim)
    {
        victim.Ends(TimeSpan.FromSeconds(30));
        return Invariant($", {_seen} was seen, draft {_reached + 1} of {workload.WrittenDrafts.Count}");
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var left = after.Drafts.Where(draft => !before.Drafts.Contains(draft)).ToList();
        _window.Learn(left.Count > 0);
        var renamed = left.Count == 0 && File.Exists(Path.Combine(Workload.Root, Drafts.TargetOf(_seen)));
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

/// <summary>While a shard is asked for or written: it is claimed, and it is not there.</summary>
sealed class InCacheWriting(CacheWorkload workload, Random random) : Killer("in cache writing", workload, random)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(150, random);

    protected override bool Meet(Victim victim)
    {
        var due = Workload.Traces() + 1 + Random.Next(2);
        return victim.Seen(Patience, () => Workload.Traces() > due ? "there" : null) is not null
            && Pause(victim, _window.Draw());
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = after.Shards < workload.Shards
            && after.Claims.Any(claim => !after.Finished.Contains(claim[..^".claim".Length]));
        _window.Learn(met);
        return met;
    }
}

/// <summary>While a folder is exported: its draft is there, and it is not.</summary>
sealed class InExport(ExportWorkload workload, Random random) : Killer("in export", workload, random)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    readonly Window _window = new(600, random);

    protected override bool Meet(Victim victim)
    {
        var old = Directory.GetDirectories(workload.Root, "*.draft");
        if (victim.Seen(Patience, NewDraft) is not null && Pause(victim, _window.Draw())) return true;
        _window.Learn(met: false);
        return false;

        string? NewDraft() => Directory.GetDirectories(workload.Root, "*.draft").Except(old).FirstOrDefault();
    }

    protected override bool Proof(Disk before, Disk after)
    {
        var met = !workload.IsDone && after.Drafts.Any(draft => !before.Drafts.Contains(draft));
        _window.Learn(met);
        return met;
    }

    protected override string? Aftermath() =>
        workload.IsDone && Outcome.Broken(workload.Target) is { Count: > 0 } broken
            ? $"the folder is there and not whole: {broken[0]}" : null;
}
