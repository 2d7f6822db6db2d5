using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Report;

/// <summary>
/// The runs and studies below a folder, finished or not, as a page lists and compares them. Writes nothing.
/// </summary>
public sealed class RunList(string folder)
{
    const int Deepest = 4;

    /// <summary>The folder.</summary>
    public string Folder { get; } = Directory.Exists(folder) ? Path.GetFullPath(folder)
        : throw new InvalidDataException($"{folder}: there is no such folder; name one that holds runs.");

    /// <summary>All of them, by their path below the folder.</summary>
    public IReadOnlyList<ListedRun> Runs() => [.. RunFolders(Folder, 0).Order(StringComparer.Ordinal).Select(Listed)];

    /// <summary>A run's folder; null where no run that is listed has this id.</summary>
    public string? FolderOf(string id) => RunFolders(Folder, 0).FirstOrDefault(path => Id(path) == id);

    /// <summary>
    /// Scores on validation and loss, epoch by epoch, network by network; of an unfinished run as far as it is.
    /// </summary>
    public IReadOnlyList<RunCurve> Curves(string id) =>
        FolderOf(id) is { } run ? [.. Networks(run).Select(Curve).OfType<RunCurve>()] : [];

    /// <summary>The recipe with every default filled in; null for no such run.</summary>
    public JsonNode? Recipe(string id) => FolderOf(id) is { } run ? RunFolder.InfoIn(run)?.Recipe : null;

    static IEnumerable<string> RunFolders(string path, int depth)
    {
        if (File.Exists(Path.Combine(path, "run.json")))
        {
            yield return path;
            yield break;
        }
        if (depth == Deepest) yield break;

        var options = new EnumerationOptions
        {
            IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
        };
        foreach (var child in new DirectoryInfo(path).EnumerateDirectories("*", options))
            foreach (var run in RunFolders(child.FullName, depth + 1)) yield return run;
    }

    string Id(string path) => Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/');

    ListedRun Listed(string path)
    {
        var id = Id(path);
        try
        {
            var info = RunFolder.InfoIn(path) ?? throw new InvalidDataException($"{path} has no run.json any more.");
            var run = new ListedRun
            {
                Id = id,
                Recipe = info.RecipeName,
                Data = info.DataName,
                Seeds = info.Seeds.Count,
                Method = info.Recipe["method"]?["name"]?.ToString() ?? "",
                Student = info.Recipe["student"]?["name"]?.ToString() ?? "",
                Networks = Networks(path).Count(network => File.Exists(Path.Combine(network, NetworkFiles.Config))),
            };
            var finished = File.Exists(Path.Combine(path, "results.json"));
            if (info.Recipe["study"]?.ToString() is { } study) return run with
            {
                Method = $"{study} study", Finished = finished, Study = finished ? SentenceOf(path) : "",
            };
            return finished ? Filled(run, Reports.Read(path)) : run with { Task = TaskOf(path) };
        }
        // values that no run of ours has: one folder must not hide the others
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException
            or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return new()
            {
                Id = id, Recipe = "", Data = "", Method = "", Student = "", Seeds = 0, Networks = 0,
                Problem = error.Message,
            };
        }
    }

    // of an unfinished run as its first network that is done has it; null before
    static TaskSummary? TaskOf(string run)
    {
        if (Networks(run).FirstOrDefault(SavedNetwork.IsIn) is not { } network) return null;

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

    static IEnumerable<string> Networks(string run)
    {
        var networks = Path.Combine(run, "networks");
        if (!Directory.Exists(networks)) return [];

        return Directory.GetDirectories(networks)
            .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal);
    }

    static RunCurve? Curve(string network)
    {
        var path = Path.Combine(network, "metrics.jsonl");
        if (!File.Exists(path)) return null;

        var (lines, name) = (new List<EpochMetrics>(), Path.GetFileName(network));
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var file = new StreamReader(stream);
        while (file.ReadLine() is { } line)
        {
            try
            {
                if (JsonSerializer.Deserialize<EpochMetrics>(line, Json.Line) is { } epoch) lines.Add(epoch);
            }
            catch (JsonException)                                           // the last line is still being written
            {
                break;
            }
        }
        var scores = lines.Count == 0 ? [] : lines[0].Validation.Keys.Where(
            score => lines.All(line => line.Validation.ContainsKey(score))).ToList();
        return new(name, name.Split('-')[0], [.. lines.Select(line => line.Epoch)],
            scores.ToDictionary(score => score, IReadOnlyList<double> (score) =>
                [.. lines.Select(line => line.Validation[score])]),
            lines.Any(line => line.Loss is null) ? null
                : [.. lines.Select(line => line.Loss!.GetValueOrDefault("total"))]);
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

/// <summary>A network's epochs.</summary>
/// <param name="Part">Its name in the run.</param>
/// <param name="Role"><c>teacher</c>, <c>control</c> or <c>student</c>.</param>
/// <param name="Epochs">Epoch numbers.</param>
/// <param name="Scores">On validation, by the scores' names.</param>
/// <param name="Loss">
/// On training: the sum of all terms, mean of the epoch; null where a procedure's own loop trained the network.
/// </param>
public sealed record RunCurve(string Part, string Role, IReadOnlyList<int> Epochs,
    IReadOnlyDictionary<string, IReadOnlyList<double>> Scores, IReadOnlyList<double>? Loss);
