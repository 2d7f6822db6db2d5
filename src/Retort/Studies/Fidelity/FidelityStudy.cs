using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Measures whether a student predicts what its teacher predicts. Runs the experiments of a study's claims, each with
/// the student of an independent teacher as its control, and judges them. A stopped study resumes where it stopped.
/// </summary>
public static class FidelityStudy
{
    /// <summary>Whether a folder holds a study and not a run.</summary>
    public static bool IsIn(string folder) => FidelityRecipe.IsAt(Path.Combine(folder, "recipe.json"));

    /// <summary>
    /// Runs to the report. Cancelled, it throws <see cref="OperationCanceledException"/> once everything is saved; its
    /// message says how to resume.
    /// </summary>
    /// <returns>The study's folder.</returns>
    public static string Run(
        FidelityRecipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        OptionRules.Check(options);
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var command = options.Command ?? $"retort study fidelity {recipe.Name}.json";
        RunFolder.Check(path, command);
        NativeLoader.EnsureLoaded();
        var plan = FidelityPlan.Of(recipe);
        var data = new StudyData(recipe);
        plan.Try(recipe, data);
        var card = Card(recipe, data.Plain);
        using var folder = RunFolder.Begin(path, card, recipe.ToJson(path), options.Resume, command);
        try
        {
            CarryOut(path, card, recipe, plan, data, options, progress, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw RunFolder.Stopped(path, command, token);
        }
        return path;
    }

    /// <summary>Trains networks of a study that another process leads: what a child process does.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="parts">The networks, as the parent calls them.</param>
    /// <param name="ended">Called after each: whether it was done, or else held by another process.</param>
    /// <param name="progress">Hears of steps and epochs.</param>
    /// <param name="token">Cancelled when the parent wants an end or is gone.</param>
    public static void RunAsChild(
        string folder, IEnumerable<string> parts, Action<bool> ended, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        var (recipe, card) = Kept(folder);
        var data = new StudyData(recipe);
        if (data.Plain.Hash != card.DataHash)
            throw new InvalidOperationException(
                $"The data was changed while the study went on: its hash was {card.DataHash} "
                + $"and is {data.Plain.Hash} now.");
        var plan = FidelityPlan.Of(recipe);
        var runner = new StudyRunner(folder, card, recipe, plan, data, progress, TimeProvider.System);
        ChildJobs.Run(runner, plan.Jobs, folder, parts, ended, token);
    }

    /// <summary>
    /// Judges a finished study's raw rows again and writes <c>results.json</c>, <c>report.md</c> and
    /// <c>report.html</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A row has no control, lacks a seed, or cannot be true: the study has failed.
    /// </exception>
    public static FidelityResults Report(string folder)
    {
        var (results, plane) = (Found(folder), LossPlane.Read(folder));
        AtomicFile.Write(Path.Combine(folder, "report.md"), FidelityReport.Markdown(results, plane));
        AtomicFile.Write(Path.Combine(folder, "report.html"), FidelityReport.Html(results, plane));
        // written last: it marks the report as complete
        AtomicFile.Write(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, Json.Indented) + "\n");
        return results;
    }

    /// <summary>
    /// Computes every row again from the files of its networks, with test figures from their saved predictions, and the
    /// results and both pages from the rows and the plane. Returns a sentence for each file or line that differs. Does
    /// not measure on the distillation data again, and writes nothing.
    /// </summary>
    public static IReadOnlyList<string> Differences(string folder)
    {
        var (recipe, _) = Kept(folder);
        List<string> different = [];
        var (rows, again) = (ClaimRows.Read(folder), ClaimRows.Of(folder, FidelityPlan.Of(recipe)));
        if (rows.Count != again.Count)
            different.Add(FormattableString.Invariant(
                $"{ClaimRows.FileName} has {rows.Count} rows; the study's networks make {again.Count}."));
        foreach (var (i, (row, made)) in rows.Zip(again).Index())
            if (ClaimRows.Line(row) != ClaimRows.Line(made))
                different.Add(
                    FormattableString.Invariant(
                        $"{ClaimRows.FileName}, line {i + 1}: ")
                    + $"its networks' files say something else: {ClaimRows.Line(made)}");
        var (results, plane) = (Found(folder), LossPlane.Read(folder));
        Held("results.json", JsonSerializer.Serialize(results, Json.Indented) + "\n");
        Held("report.md", FidelityReport.Markdown(results, plane));
        Held("report.html", FidelityReport.Html(results, plane));
        return different;

        void Held(string name, string text)
        {
            if (File.ReadAllText(Path.Combine(folder, name)) != text)
                different.Add($"{name} does not follow from {ClaimRows.FileName}.");
        }
    }

    static FidelityResults Found(string folder)
    {
        var (recipe, card) = Kept(folder);
        var rows = ClaimRows.Read(folder);
        if (recipe.Claims.FirstOrDefault(claim => !rows.Any(row => row.Claim == claim.Id)) is { } lost)
            throw new InvalidOperationException(
                $"{Path.Combine(folder, ClaimRows.FileName)} has no row of {lost.Id}, which the study has.");
        var claims = Judged(recipe, rows);
        return new()
        {
            Name = card.RecipeName, Data = card.DataName, DataHash = card.DataHash, Seeds = card.Seeds, Claims = claims,
            Verdict = FidelityVerdict.Of(claims),
            Networks = rows.SelectMany(row => row.Teachers.Append(row.Student)).Distinct().Count(),
            Versions = card.Versions, Recipe = card.Recipe,
        };
    }

    /// <summary>What was found, as it stands in a file.</summary>
    public static FidelityResults Read(string path) => JsonFile.Read<FidelityResults>(path, "a study's results");

    /// <summary>Every claim of the paper judged by the rows; those that the study does not have are not run.</summary>
    public static IReadOnlyList<Judgement> Judged(FidelityRecipe recipe, IReadOnlyList<ClaimRow> rows) =>
    [
        .. ClaimOptions.All.Select(type => recipe.Claims.FirstOrDefault(claim => claim.GetType() == type)?.Judge(rows)
                ?? ((ClaimOptions)RuntimeHelpers.GetUninitializedObject(type)).Judge([]))
            .OrderBy(judgement => int.Parse(judgement.Id.AsSpan(1), CultureInfo.InvariantCulture)),
    ];

    static void CarryOut(
        string run, RunInfo card, FidelityRecipe recipe, FidelityPlan plan, StudyData data, RunOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        var runner = new StudyRunner(run, card, recipe, plan, data, progress, options.Clock);
        new Scheduler(run, plan.Jobs, runner)
        {
            Parallel = options.Jobs ?? options.Cores, Child = options.Child, Progress = progress,    // a thread each
        }.Run(token);
        RunFolder.RemoveLeftovers(run);
        foreach (var planned in plan.Students.Where(planned => planned.Claim.DecidedOnItsData))
        {
            token.ThrowIfCancellationRequested();
            runner.Hold(planned);
        }
        ClaimRows.Write(run, ClaimRows.Of(run, plan));
        if (plan.Students.FirstOrDefault(planned => planned.Claim is BasinOptions { Plane: > 0 }) is { } seen
            && !StudyRunner.Failed(run, seen.Student))
            LossPlane.Of(runner, seen.Student, plan[seen.Student], ((BasinOptions)seen.Claim).Plane, token).Write(run);
        Report(run);
    }

    static (FidelityRecipe Recipe, RunInfo Card) Kept(string folder)
    {
        var card = RunFolder.InfoIn(folder)
            ?? throw new InvalidOperationException($"{folder} holds no study: `retort study fidelity` begins one.");
        return (FidelityRecipe.Read(Path.Combine(folder, "recipe.json")), card);
    }

    static RunInfo Card(FidelityRecipe recipe, Dataset data) => new()
    {
        Recipe = JsonNode.Parse(recipe.ToJson(recipe.Folder))!, RecipeName = recipe.Name, RecipeHash = recipe.Hash,
        DataName = data.Name, DataHash = data.Hash,
        Examples = new(data.Training.Count, data.Labelled.Count, data.Validation.Count, data.Test.Count),
        Seeds = [.. Enumerable.Range(1, recipe.Seeds)], Threads = 1, Versions = RecipeRunner.Versions(),
    };
}
