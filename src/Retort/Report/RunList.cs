using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime.Metrics;

namespace Retort.Report;

/// <summary>
/// The runs and studies below a folder, finished or not, as a page lists and compares them. Writes nothing. What it has
/// seen is remembered until its files change.
/// </summary>
public sealed class RunList(string folder)
{
    readonly ListedFolder _folder = new(folder);
    readonly ConcurrentDictionary<string, (string State, ListedRun Run)> _seen = [];

    /// <summary>The folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>All of them, by their path below the folder.</summary>
    public IReadOnlyList<ListedRun> Runs() => [.. _folder.Runs().Select(Remembered)];

    /// <summary>A run's folder; null where no run that is listed has this id.</summary>
    public string? FolderOf(string id) => _folder.RunOf(id);

    /// <summary>The page with a run's report; null where it has none. Links are not followed.</summary>
    public string? ReportOf(string id) => FolderOf(id) is { } run ? ListedFolder.File(run, "report.html") : null;

    /// <summary>A page that shows how far an unfinished run is; null for no such run.</summary>
    public string? ProgressOf(string id)
    {
        if (FolderOf(id) is not { } run || Has(run, "results.json")) return null;

        var listed = Remembered(run);
        return listed.Problem is { } problem ? throw new InvalidDataException(problem)
            : ProgressPage.Write(listed, Curves(id));
    }

    /// <summary>
    /// Scores on validation and loss, epoch by epoch, network by network; of an unfinished run as far as it is.
    /// </summary>
    public IReadOnlyList<RunCurve> Curves(string id) => FolderOf(id) is { } run
        ? [.. ListedFolder.Networks(run).Select(network => RunCurve.Read(run, network)).OfType<RunCurve>()] : [];

    /// <summary>The recipe with every default filled in; null for no such run.</summary>
    /// <exception cref="InvalidDataException">The run's folder is damaged.</exception>
    public JsonNode? Recipe(string id) => FolderOf(id) is { } run ? InfoIn(run).Recipe : null;

    // run.json, which ListedFolder has seen; a link to another place is none
    static RunInfo InfoIn(string run) => ListedFolder.File(run, "run.json") is not null
        && RunFolder.InfoIn(run) is { } info ? info
        : throw new InvalidDataException($"{run} has no run.json of its own.");

    ListedRun Remembered(string run)
    {
        var finished = Has(run, "results.json");
        var networks = finished ? 0 : FinishedNetworks(run).Count();
        var running = !finished && RunState.IsRunning(run);
        var state = Invariant($"{StateOf(run, "run.json")} {StateOf(run, "results.json")} {networks} {running}");
        if (_seen.TryGetValue(run, out var seen) && seen.State == state) return seen.Run;

        var listed = Listed(run, finished) with { Running = running };
        _seen[run] = (state, listed);
        return listed;
    }

    static bool Has(string run, string name) => ListedFolder.File(run, name) is not null;

    static string StateOf(string run, string name)
    {
        var file = new FileInfo(Path.Combine(run, name));
        return file.Exists ? Invariant($"{file.Length} {file.LastWriteTimeUtc.Ticks}") : "";
    }

    static IEnumerable<string> FinishedNetworks(string run) =>
        ListedFolder.Networks(run).Where(network => Has(network, NetworkFiles.Config));

    ListedRun Listed(string path, bool finished)
    {
        var id = _folder.Id(path);
        try
        {
            var info = InfoIn(path);
            var run = new ListedRun
            {
                Id = id,
                Recipe = info.RecipeName,
                Data = info.DataName,
                Seeds = info.Seeds.Count,
                Method = info.Recipe["method"]?["name"]?.ToString() ?? "",
                Student = info.Recipe["student"]?["name"]?.ToString() ?? "",
                Networks = FinishedNetworks(path).Count(),
                NetworksInAll = NetworksOf(info),
            };
            if (info.Recipe["study"]?.ToString() is { } study) return run with
            {
                Method = $"{study} study", NetworksInAll = 0, Finished = finished,
                Study = finished ? SentenceOf(path) : "",
            };
            return finished ? Filled(run, Reports.Read(path)) : run with { Task = TaskOf(path) };
        }
        catch (Exception error)                                             // one folder must not hide the others
        {
            return new()
            {
                Id = id, Recipe = "", Data = "", Method = "", Student = "", Seeds = 0, Networks = 0,
                Problem = error is InvalidDataException or IOException or UnauthorizedAccessException ? error.Message
                    : $"{path} is no run that can be read: {error.Message.OnOneLine()}",
            };
        }
    }

    // the teacher, and a student for each seed, with a control where there is a teacher or a method
    static int NetworksOf(RunInfo info)
    {
        var hasTeacher = info.Recipe["teacher"] is not null;
        var hasControl = hasTeacher || JsonFile.NameIn(info.Recipe["method"]) is { } method
            && ControlMethods.HasControl(method);
        return (hasTeacher ? 1 : 0) + info.Seeds.Count * (hasControl ? 2 : 1);
    }

    // of an unfinished run as its first network that is done has it; null before
    static TaskSummary? TaskOf(string run)
    {
        if (FinishedNetworks(run).FirstOrDefault() is not { } network) return null;

        var task = NetworkFiles.ReadConfig(network).TaskOf();
        return new(task.Name, task.Primary.Name, task.Scores);
    }

    // what a study's results have in common with a run's
    static string SentenceOf(string study)
    {
        var path = Path.Combine(study, "results.json");
        return JsonFile.Read<StudyVerdict>(path, "a study's results").Verdict.Sentence;
    }

    sealed record StudyVerdict(StudySentence Verdict);

    sealed record StudySentence(string Sentence);

    static ListedRun Filled(ListedRun run, Results results)
    {
        var primary = results.Task.PrimaryScore;
        return run with
        {
            Method = results.Student.Method?["name"]?.ToString() ?? run.Method,     // a search may have chosen another
            Finished = true,
            Task = results.Task,
            Scores = results.Student.Scores,
            Control = Primary(results.Control),
            Teacher = Primary(results.Teacher),
            Difference = results.Verdict?.Difference.Mean,
            Outcome = results.Verdict?.Outcome,
            Parameters = results.Student.Cost?.Parameters,
            Score = ScoreOf(),
        };

        double? Primary(ModelResults? model) => model?.Scores.GetValueOrDefault(primary.Name)?.Mean;

        double? ScoreOf()
        {
            if (!Ranking.CanRank(primary) || Primary(results.Teacher) is not (> 0 and var best)
                || Primary(results.Student) is not { } own) return null;

            return results is { Teacher.Cost: { } large, Student.Cost: { } small }
                ? DistillationScore.Of(small.Parameters, large.Parameters, own, best).Value : null;
        }
    }
}

/// <summary>
/// A run or a study as a list shows it; scores are the student's on test, means over seeds, absent until the run is
/// finished.
/// </summary>
public sealed record ListedRun
{
    /// <summary>Its path below the list's folder.</summary>
    public required string Id { get; init; }

    /// <summary>The recipe's name.</summary>
    public required string Recipe { get; init; }

    /// <summary>The data's name.</summary>
    public required string Data { get; init; }

    /// <summary>The method's key.</summary>
    public required string Method { get; init; }

    /// <summary>The student's network.</summary>
    public required string Student { get; init; }

    /// <summary>How many seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>How many networks are done.</summary>
    public required int Networks { get; init; }

    /// <summary>How many networks a run has when it is finished; 0 for a study.</summary>
    public int NetworksInAll { get; init; }

    /// <summary>Whether a process is at work in the folder.</summary>
    public bool Running { get; init; }

    /// <summary>Whether it has its results.</summary>
    public bool Finished { get; init; }

    /// <summary>The task and its scores.</summary>
    public TaskSummary? Task { get; init; }

    /// <summary>By the scores' names.</summary>
    public IReadOnlyDictionary<string, SeedStatistics>? Scores { get; init; }

    /// <summary>The control's primary score.</summary>
    public double? Control { get; init; }

    /// <summary>The teacher's primary score.</summary>
    public double? Teacher { get; init; }

    /// <summary>Student − control, in the primary score.</summary>
    public double? Difference { get; init; }

    /// <summary>The verdict.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>The student's.</summary>
    public long? Parameters { get; init; }

    /// <summary>For a study its verdict, empty until it is finished; null for a run.</summary>
    public string? Study { get; init; }

    /// <summary>
    /// The distillation score over parameters, α = ½; absent without a teacher of known size, and for a primary score
    /// that is no share of which more is better.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>What is wrong with the folder; null for nothing.</summary>
    public string? Problem { get; init; }
}
