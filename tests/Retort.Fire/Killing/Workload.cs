using Retort.Report;

namespace Retort.Fire;

/// <summary>
/// A piece of work that can be started again and again until it is done: in a folder of its own, and in the end
/// compared with the same work undisturbed.
/// </summary>
abstract class Workload(string above)
{
    static int _number;

    /// <summary>Everything that the work makes lies in it.</summary>
    public string Root { get; private set; } = "";

    /// <summary>Whether the work is done, so that it need not be started again.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Starts the program on what is there.</summary>
    public abstract Victim Start();

    /// <summary>How far it is: grows with all that is done.</summary>
    public abstract int Traces();

    /// <summary>In what the finished work differs from the undisturbed.</summary>
    public abstract IReadOnlyList<string> Differences();

    /// <summary>An empty folder to begin in.</summary>
    public void Anew() => Root = Directory.CreateDirectory(
        Path.Combine(above, FormattableString.Invariant($"trial-{Interlocked.Increment(ref _number)}"))).FullName;

    /// <summary>Starts it until it is done; the program's words where it fails, else the differences.</summary>
    public IReadOnlyList<string> Finish()
    {
        for (var times = 0; !IsDone; times++)
        {
            using var victim = Start();
            if (victim.Ended() is { Length: > 0 } said)
                return [$"started again it said: {said.ReplaceLineEndings(" ")}"];
            if (times == 5) return ["it ends well and is not done"];
        }
        return Differences();
    }

    /// <summary>Files and lines there are; 0 where one was renamed just now.</summary>
    protected static int Traces(string folder)
    {
        try
        {
            return !Directory.Exists(folder) ? 0 : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Sum(path => 1 + (path.EndsWith("metrics.jsonl", StringComparison.Ordinal) ? Lines(path) : 0));
        }
        catch (IOException)
        {
            return 0;
        }
    }

    // others may write and rename meanwhile: this must not disturb
    static int Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        return bytes.AsSpan(0, file.Read(bytes)).Count((byte)'\n');
    }
}

/// <summary>A run, from its teacher to its report.</summary>
/// <param name="above">Where its folders are made.</param>
/// <param name="recipe">The recipe's file.</param>
/// <param name="whole">The undisturbed run.</param>
/// <param name="jobs">Networks side by side; more than one in child processes.</param>
sealed class RunWorkload(string above, string recipe, string whole, int jobs = 1) : Workload(above)
{
    string Run => Path.Combine(Root, "run");

    /// <summary>
    /// Every file that the undisturbed run gave its name, as often as it did and in that order; relative to
    /// <see cref="Workload.Root"/>.
    /// </summary>
    public IReadOnlyList<string> WrittenDrafts { get; init; } = [];

    public override bool IsDone => File.Exists(Path.Combine(Run, "results.json"));

    public override Victim Start() => Victim.Start(Words(recipe, Run, jobs));

    public override int Traces() => Traces(Root);

    public override IReadOnlyList<string> Differences() =>
        [.. Outcome.LeftIn(Run), .. Outcome.Difference(Outcome.OfRun(whole), Outcome.OfRun(Run))];

    public static string[] Words(string recipe, string run, int jobs) =>
        [
            "run", recipe, "--out", run, "--resume", "--quiet", "--jobs",
            jobs.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ];
}

/// <summary>
/// A cache that is filled, by <c>retort cache</c> and by <c>retort run</c> in turn, and the run that uses it.
/// </summary>
/// <param name="above">Where its folders are made.</param>
/// <param name="recipe">The recipe's file.</param>
/// <param name="whole">The undisturbed run, or where it would be.</param>
/// <param name="isAlone">No run: <c>retort cache</c> does all of the work.</param>
sealed class CacheWorkload(string above, string recipe, string whole, bool isAlone) : Workload(above)
{
    int _starts;

    /// <summary>Shards that the whole cache has.</summary>
    public int Shards { get; } = ShardsIn(Folder(whole));

    public override bool IsDone => isAlone
        // written last
        ? Directory.Exists(Folder(Run))
            && Directory.EnumerateFiles(Folder(Run), "card.json", SearchOption.AllDirectories).Any()
        : File.Exists(Path.Combine(Run, "results.json"));

    string Run => Path.Combine(Root, "run");

    /// <summary>While the cache is being filled the two take turns; the run alone can end the work.</summary>
    public override Victim Start() => isAlone || ++_starts % 2 == 1 && ShardsIn(Folder(Run)) < Shards
        ? Victim.Start(Words(recipe, Run)) : Victim.Start(RunWorkload.Words(recipe, Run, jobs: 1));

    /// <summary>Shards, written or begun.</summary>
    public override int Traces() => Traces(Folder(Run));

    public override IReadOnlyList<string> Differences() =>
    [
        .. isAlone ? [] : Outcome.LeftIn(Run),
        .. isAlone ? [] : Outcome.Difference(Outcome.OfRun(whole), Outcome.OfRun(Run)),
        .. Outcome.Difference(Outcome.OfCache(Folder(whole)), Outcome.OfCache(Folder(Run))),
    ];

    public static string[] Words(string recipe, string run) => ["cache", recipe, "--out", run, "--quiet"];

    static int ShardsIn(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*.shard", SearchOption.AllDirectories).Length : 0;

    static string Folder(string run) => Path.Combine(Path.GetDirectoryName(run)!, "teacher-cache");
}

/// <summary>An export of a finished run, in three graphs.</summary>
sealed class ExportWorkload(string above, string run, string whole) : Workload(above)
{
    public string Target => Path.Combine(Root, "student");

    public override bool IsDone => Directory.Exists(Target);

    public override Victim Start() => Victim.Start(Words(run, Target));

    public override int Traces() => Traces(Root);

    public override IReadOnlyList<string> Differences() =>
    [
        .. Outcome.Broken(Target), .. Outcome.Difference(Outcome.OfStudent(whole), Outcome.OfStudent(Target)),
        .. Directory.EnumerateFileSystemEntries(Root)
            .Where(path => path != Target)
            .Select(path => $"{Path.GetFileName(path)} was left behind"),
    ];

    public static string[] Words(string run, string target) =>
        ["export", run, "--network", "student-seed1", "--out", target, "--int8", "--float16"];
}
