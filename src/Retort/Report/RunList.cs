using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Report;

/// <summary>The runs and studies below a folder, finished or under way, as a page lists and compares them. Reads, and writes nothing.</summary>
public sealed class RunList(string folder)
{
    const int Deepest = 4;

    /// <summary>The folder.</summary>
    public string Folder { get; } = Directory.Exists(folder) ? Path.GetFullPath(folder)
        : throw new InvalidDataException($"{folder}: there is no such folder; name one that holds runs.");

    /// <summary>All of them, by their path below the folder.</summary>
    public IReadOnlyList<ListedRun> Runs() => [.. Found(Folder, 0).Order(StringComparer.Ordinal).Select(Shelved)];

    /// <summary>A run's folder; null where the listing has none of this id, whatever else the id may say.</summary>
    public string? FolderOf(string id) => Found(Folder, 0).FirstOrDefault(path => Id(path) == id);

    /// <summary>Epoch by epoch on validation, network by network; what is there already of a run that is under way.</summary>
    public IReadOnlyList<RunCurve> Curves(string id) => FolderOf(id) is not { } run ? [] : [.. Networks(run).Select(Curve).OfType<RunCurve>()];

    /// <summary>The recipe with every default filled in; null for no such run.</summary>
    public JsonNode? Recipe(string id) => FolderOf(id) is { } run ? RunFolder.InfoIn(run)?.Recipe : null;

    static IEnumerable<string> Found(string at, int depth)
    {
        if (File.Exists(Path.Combine(at, "run.json")))
        {
            yield return at;
            yield break;
        }
        if (depth == Deepest) yield break;
        var below = new DirectoryInfo(at).EnumerateDirectories("*", new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint });
        foreach (var child in below)
            foreach (var run in Found(child.FullName, depth + 1)) yield return run;
    }

    string Id(string path) => Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/');

    ListedRun Shelved(string path)
    {
        var id = Id(path);
        try
        {
            var card = RunFolder.InfoIn(path) ?? throw new InvalidDataException($"{path} holds no run any more.");
            var run = new ListedRun
            {
                Id = id, Recipe = card.RecipeName, Data = card.DataName, Seeds = card.Seeds.Count,
                Method = card.Recipe["method"]?["name"]?.ToString() ?? "", Student = card.Recipe["student"]?["name"]?.ToString() ?? "",
                Networks = Networks(path).Count(network => File.Exists(Path.Combine(network, "config.json"))),
            };
            var results = Path.Combine(path, "results.json");
            if (FidelityStudy.IsIn(path))
                return run with { Method = "fidelity study", Finished = File.Exists(results), Study = File.Exists(results) ? FidelityStudy.Read(results).Verdict.Sentence : "" };
            return File.Exists(results) ? Filled(run, Reports.Read(path)) : run;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException or ArgumentException or FormatException)      // a figure that none can have: one folder must not hide the others
        {
            return new() { Id = id, Recipe = "", Data = "", Method = "", Student = "", Seeds = 0, Networks = 0, Problem = error.Message };
        }
    }

    static ListedRun Filled(ListedRun run, Results results) => run with
    {
        Method = results.Student.Method?["name"]?.ToString() ?? run.Method,                        // a search may have found another than the recipe's
        Finished = true, Accuracy = results.Student.Accuracy, Nll = results.Student.Nll.Mean, Ece = results.Student.Ece.Mean, Control = results.Control?.Accuracy.Mean,
        Teacher = results.Teacher?.Accuracy.Mean, Difference = results.Verdict?.Difference.Mean, Outcome = results.Verdict?.Outcome, Parameters = results.Student.Cost?.Parameters,
        Score = results is { Teacher: { Cost: { } large, Accuracy.Mean: > 0 and var taught }, Student.Cost: { } small }
            ? DistillationScore.Of(small.Parameters, large.Parameters, results.Student.Accuracy.Mean, taught).Value : null,
    };

    static IEnumerable<string> Networks(string run)
    {
        var networks = Path.Combine(run, "networks");
        return !Directory.Exists(networks) ? [] : Directory.GetDirectories(networks).OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal);
    }

    static RunCurve? Curve(string network)
    {
        var path = Path.Combine(network, "metrics.jsonl");
        if (!File.Exists(path)) return null;
        var (lines, name) = (new List<EpochMetrics>(), Path.GetFileName(network));
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (file.ReadLine() is { } line)
        {
            try
            {
                if (JsonSerializer.Deserialize<EpochMetrics>(line, Json.Line) is { } epoch) lines.Add(epoch);
            }
            catch (JsonException)                                          // a line that is being written
            {
                break;
            }
        }
        return new(name, name.Split('-')[0], [.. lines.Select(line => line.Epoch)], [.. lines.Select(line => line.Validation["accuracy"])], [.. lines.Select(line => line.Validation["nll"])],
            [.. lines.Select(line => line.Loss.TryGetValue("total", out var total) ? total : 0)]);
    }
}

/// <summary>A run or a study as a list shows it; the figures are the student's on test, means over seeds, absent until the run is finished.</summary>
public sealed record ListedRun
{
    /// <summary>Its path below the shelf's folder.</summary>
    public required string Id { get; init; }

    public required string Recipe { get; init; }
    public required string Data { get; init; }
    public required string Method { get; init; }
    public required string Student { get; init; }
    public required int Seeds { get; init; }

    /// <summary>How many are done.</summary>
    public required int Networks { get; init; }

    public bool Finished { get; init; }
    public SeedStatistics? Accuracy { get; init; }
    public double? Nll { get; init; }
    public double? Ece { get; init; }
    public double? Control { get; init; }
    public double? Teacher { get; init; }

    /// <summary>Student − control.</summary>
    public double? Difference { get; init; }

    public Outcome? Outcome { get; init; }
    public long? Parameters { get; init; }

    /// <summary>Of a study: which claims held, empty until it is finished; null for a run.</summary>
    public string? Study { get; init; }

    /// <summary>The distillation score over parameters, α = ½; absent without a teacher whose size is known.</summary>
    public double? Score { get; init; }

    /// <summary>What is wrong with the folder; null for nothing.</summary>
    public string? Problem { get; init; }
}

/// <summary>A network's epochs on validation.</summary>
/// <param name="Part">Its name in the run.</param>
/// <param name="Role"><c>teacher</c>, <c>control</c> or <c>student</c>.</param>
/// <param name="Epochs">Their numbers.</param>
/// <param name="Accuracy">Fractions.</param>
/// <param name="Nll">Nats.</param>
/// <param name="Loss">On training: the whole objective, mean of the epoch.</param>
public sealed record RunCurve(string Part, string Role, IReadOnlyList<int> Epochs, IReadOnlyList<double> Accuracy, IReadOnlyList<double> Nll, IReadOnlyList<double> Loss);
