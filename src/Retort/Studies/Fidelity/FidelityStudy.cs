using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Does a student predict what its teacher predicts? Runs the claims of a study, each with the control of an
/// independent teacher, and judges them. A stopped study continues without training a network again.
/// </summary>
public static class FidelityStudy
{
    const string ResultsName = "results.json";
    const string MarkdownName = "report.md";
    const string HtmlName = "report.html";

    /// <summary>Whether a folder holds a study and not a run.</summary>
    public static bool IsIn(string folder) => FidelityRecipe.IsAt(Path.Combine(folder, "recipe.json"));

    /// <summary>
    /// Runs a study to its report. On cancellation it throws <see cref="OperationCanceledException"/> after everything
    /// is saved; the message says how to continue.
    /// </summary>
    /// <returns>The study's folder.</returns>
    public static string Run(FidelityRecipe recipe, RunOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        OptionRules.Check(options);
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var command = options.Command ?? $"retort study fidelity {recipe.Name}.json";
        RunFolder.Check(path, command);
        NativeLoader.EnsureLoaded();
        var plan = FidelityPlan.Of(recipe);
        var data = new StudyData(recipe);
        new PlanCheck(recipe, plan, data).Run();
        var info = Describe(recipe, data.Plain, options);
        using var folder = RunFolder.Begin(path, info, recipe.ToJson(path), options.Resume, command);
        try
        {
            var study = new StudyContext(path, info, recipe, plan, data) { Progress = progress, Clock = options.Clock };
            RunJobs(study, options, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw RunFolder.Stopped(path, command, token);
        }
        return path;
    }

    /// <summary>Trains networks of a study that another process leads: the work of a child process.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="parts">The networks' names.</param>
    /// <param name="ended">Called after each: whether it was done here, or else is held by another process.</param>
    /// <param name="progress">Receives the progress of steps and epochs.</param>
    /// <param name="token">Cancelled when the parent stops the study or has ended.</param>
    public static void RunAsChild(string folder, IEnumerable<string> parts, Action<bool> ended,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        var (recipe, info) = Open(folder);
        var data = new StudyData(recipe);
        if (data.Plain.Hash != info.DataHash) throw new InvalidOperationException(
            $"The data was changed during the study: its hash was {info.DataHash} and is {data.Plain.Hash} now.");

        var plan = FidelityPlan.Of(recipe);
        var runner = new StudyRunner(new(folder, info, recipe, plan, data) { Progress = progress });
        ChildJobs.Run(runner, plan.Jobs, folder, parts, ended, token);
    }

    /// <summary>
    /// Judges a finished study's raw rows again and writes <c>results.json</c>, <c>report.md</c> and
    /// <c>report.html</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A row has no control, lacks a seed, or is impossible.</exception>
    public static FidelityResults Report(string folder)
    {
        var results = Judge(folder);
        var plane = LossPlane.Read(folder);
        AtomicFile.Write(Path.Combine(folder, MarkdownName), FidelityReport.Markdown(results, plane));
        AtomicFile.Write(Path.Combine(folder, HtmlName), FidelityReport.Html(results, plane));
        AtomicFile.Write(Path.Combine(folder, ResultsName), Text(results));     // last: it means that the study is done
        return results;
    }

    /// <summary>
    /// Computes every row again from its networks' files, the figures on test from their predictions, and results and
    /// reports from the rows and the plane; returns a sentence for each file or line that differs. Measurements on the
    /// distillation data are not repeated. Writes nothing.
    /// </summary>
    public static IReadOnlyList<string> Differences(string folder)
    {
        var (recipe, _) = Open(folder);
        var rows = ClaimRows.Read(folder);
        var computed = ClaimRows.Of(folder, FidelityPlan.Of(recipe));
        List<string> differences = [];
        if (rows.Count != computed.Count) differences.Add(Invariant(
            $"{ClaimRows.FileName} has {rows.Count} rows; the study's networks make {computed.Count}."));
        foreach (var (i, (row, other)) in rows.Zip(computed).Index())
            if (ClaimRows.Line(row) != ClaimRows.Line(other)) differences.Add(
                Invariant($"{ClaimRows.FileName}, line {i + 1}: its networks' files say something else: ")
                + ClaimRows.Line(other));

        var results = Judge(folder);
        var plane = LossPlane.Read(folder);
        Compare(ResultsName, Text(results));
        Compare(MarkdownName, FidelityReport.Markdown(results, plane));
        Compare(HtmlName, FidelityReport.Html(results, plane));
        return differences;

        void Compare(string name, string text)
        {
            if (JsonFile.ReadText(Path.Combine(folder, name)) != text)
                differences.Add($"{name} does not follow from {ClaimRows.FileName}.");
        }
    }

    /// <summary>Reads the results of a study.</summary>
    public static FidelityResults Read(string path) => JsonFile.Read<FidelityResults>(path, "a study's results");

    /// <summary>Judges every claim of the paper by the rows; claims that the study does not have are not run.</summary>
    public static IReadOnlyList<Judgement> Judged(FidelityRecipe recipe, IReadOnlyList<ClaimRow> rows) =>
    [
        .. ClaimOptions.All.Select(type => recipe.Claims.FirstOrDefault(claim => claim.GetType() == type)?.Judge(rows)
                ?? ((ClaimOptions)RuntimeHelpers.GetUninitializedObject(type)).Judge([]))
            .OrderBy(judgement => int.Parse(judgement.Id.AsSpan(1), CultureInfo.InvariantCulture)),
    ];

    static void RunJobs(StudyContext study, RunOptions options, CancellationToken token)
    {
        var runner = new StudyRunner(study);
        var scheduler = new Scheduler(study.Folder, study.Plan.Jobs, runner)
        {
            Parallel = options.Jobs ?? options.Cores,       // each network has one thread
            Child = options.Child,
            Progress = study.Progress,
        };
        scheduler.Run(token);
        RunFolder.RemoveLeftovers(study.Folder);
        foreach (var planned in study.Plan.Students.Where(planned => planned.Claim.DecidedOnItsData))
        {
            token.ThrowIfCancellationRequested();
            runner.MeasureControl(planned);
        }
        ClaimRows.Write(study.Folder, ClaimRows.Of(study.Folder, study.Plan));
        WritePlane(study, runner, token);
        Report(study.Folder);
    }

    static void WritePlane(StudyContext study, StudyRunner runner, CancellationToken token)
    {
        var planned = study.Plan.Students.FirstOrDefault(planned => planned.Claim is BasinOptions { Plane: > 0 });
        if (planned is null || StudyFolder.HasFailed(study.Folder, planned.Student)) return;

        var points = ((BasinOptions)planned.Claim).Plane;
        var plane = new LossPlaneBuilder(runner, study.Plan[planned.Student], points).Build(planned.Student, token);
        plane.Write(study.Folder);
    }

    static FidelityResults Judge(string folder)
    {
        var (recipe, info) = Open(folder);
        var rows = ClaimRows.Read(folder);
        if (recipe.Claims.FirstOrDefault(claim => !rows.Any(row => row.Claim == claim.Id)) is { } missing)
            throw new InvalidOperationException(
                $"{Path.Combine(folder, ClaimRows.FileName)} has no row of {missing.Id}, which the study has.");

        var claims = Judged(recipe, rows);
        return new()
        {
            Name = info.RecipeName,
            Data = info.DataName,
            DataHash = info.DataHash,
            Seeds = info.Seeds,
            Claims = claims,
            Verdict = FidelityVerdict.Of(claims),
            Networks = rows.SelectMany(row => row.Teachers.Append(row.Student)).Distinct().Count(),
            Versions = info.Versions,
            Recipe = info.Recipe,
        };
    }

    static string Text(FidelityResults results) => JsonSerializer.Serialize(results, Json.Indented) + "\n";

    static (FidelityRecipe Recipe, RunInfo Info) Open(string folder)
    {
        var info = RunFolder.InfoIn(folder) ?? throw new InvalidOperationException(
            $"{folder} holds no study: `retort study fidelity` begins one.");
        return (FidelityRecipe.Read(Path.Combine(folder, "recipe.json")), info);
    }

    static RunInfo Describe(FidelityRecipe recipe, Dataset data, RunOptions options) => new()
    {
        Recipe = JsonNode.Parse(recipe.ToJson(recipe.Folder))!,
        RecipeName = recipe.Name,
        RecipeHash = recipe.Hash,
        DataName = data.Name,
        DataHash = data.Hash,
        Examples = new(data.Training.Count, data.Labelled.Count, data.Validation.Count, data.Test.Count),
        Seeds = [.. Enumerable.Range(1, recipe.Seeds)],
        Threads = 1,
        Extensions = options.Extensions,
        Versions = RecipeRunner.Versions(),
    };
}
