using Retort.Recipes;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tensors.Native;
using Retort.Training;
using TorchSharp;

namespace Retort.Runs;

/// <summary>
/// Carries a recipe out: teacher, search of the learning rates, pairs of control and student, report. What is done is
/// not done again when a stopped run is gone on with.
/// </summary>
public static class RunCommand
{
    /// <summary>What a child process says on its output after each part.</summary>
    public const string PartDone = "done";

    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);        // between two looks at what another process has done

    /// <summary>
    /// Runs to the report. Cancelled, it throws <see cref="OperationCanceledException"/> once everything is saved; its
    /// message says how to go on.
    /// </summary>
    /// <returns>The run folder.</returns>
    public static string Run(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        if (recipe.Search is not null) new SearchPlan(recipe).Check();
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var command = options.Command ?? $"retort run {recipe.Name}.json";
        RunFolder.Check(path, command);
        var data = Opened(recipe, options);
        var card = Card(recipe, data, options, RunFolder.CardIn(path));
        using var folder = RunFolder.Begin(path, card, recipe.ToJson(path), options.Resume, command);
        try
        {
            CarryOut(recipe, data, card, options with { Folder = path }, progress, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw RunFolder.Stopped(path, command, token);
        }
        return path;
    }

    /// <summary>
    /// Fills the cache of a recipe's teacher, or one writer's share of it, and does nothing else; a teacher that the recipe
    /// trains is trained first, in the run's folder, by one process while the others wait for it. Any number of these may be
    /// at work on one cache.
    /// </summary>
    /// <param name="recipe">Its teacher must be a cached one.</param>
    /// <param name="options">As of the run that will use it: its folder decides where the cache is, unless the recipe does.</param>
    /// <param name="share">Which writer this is of how many; the first is 1.</param>
    /// <param name="progress">Hears of the forecast, and of what is done.</param>
    /// <param name="token">Gives up the shard at hand; what is done is kept.</param>
    public static FilledCache Cache(Recipe recipe, RunOptions options, (int Writer, int Writers) share,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        if (recipe.Teacher is not CachedTeacherOptions) throw new InvalidOperationException(
            $"The teacher of {recipe.Name} is not cached: its recipe must say \"teacher\": {{ \"name\": \"cached\", \"teacher\": … }}.");
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var data = Opened(recipe, options);
        var old = RunFolder.CardIn(path);
        var card = Card(recipe, data, options, old);
        if (old is not null && (old.RecipeHash, old.DataHash) != (card.RecipeHash, card.DataHash)) throw new InvalidOperationException(
            $"{path} holds a run of another recipe or other data: choose another --out.");
        using var worker = new Worker(path, card, recipe, data, progress, options.Clock);
        try
        {
            if (recipe.TeacherItself is TrainedTeacherOptions)
                TrainTeacher(worker, Part.Teacher(recipe)[0], () => RunFolder.TryBegin(path, card, recipe.ToJson(path), options.Command ?? $"retort run {recipe.Name}.json"), path, progress, token);
            return worker.Cache(share, token)!;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException("Stopped; what is done is kept, and the same command goes on from there.", token);
        }
    }

    /// <summary>Trains it, or waits while another process does.</summary>
    static void TrainTeacher(Worker worker, Part teacher, Func<RunFolder?> begin, string run, IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        for (var told = false; !teacher.IsDone(run); told = true)
        {
            using (var folder = begin())
                if (folder is not null)
                {
                    worker.Carry(teacher, token);
                    continue;
                }
            if (!told) progress?.Report(new(teacher.Name, 0, 1, 0, 0, double.NaN, null) { Note = $"Another process is at work in {run}: this one waits until the teacher is trained." });
            token.WaitHandle.WaitOne(Turn);
            token.ThrowIfCancellationRequested();
        }
    }

    static Dataset Opened(Recipe recipe, RunOptions options)
    {
        NativeLoader.EnsureLoaded();
        if (options.Device == "cuda" && !torch.cuda.is_available()) throw new InvalidOperationException(
            "No CUDA device can be used here: `retort doctor` says what is missing, --device cpu trains without one.");
        var data = recipe.Data.Open();
        TeacherCache.Check(recipe, data);
        CheckTeacher(recipe);
        return data;
    }

    /// <summary>Refuses a teacher of whom nothing would be asked.</summary>
    internal static void CheckTeacher(Recipe recipe)
    {
        if (recipe.Method is ProcedureOptions procedure && procedure.Build().Needs.Teacher.IsEmpty && recipe.Teacher is not null)
            throw new InvalidOperationException($"The method {Recipe.Write(recipe.Method)["name"]} trains its own teachers: leave teacher out of the recipe.");
    }

    /// <summary>Carries out parts of a run that another process leads: what a child process does.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="parts">The parts, as its parent calls them.</param>
    /// <param name="done">Told after each part.</param>
    /// <param name="progress">Hears of steps and epochs.</param>
    /// <param name="token">Cancelled when the parent wants an end or is gone.</param>
    public static void Work(string folder, IEnumerable<string> parts, Action done, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        var card = RunFolder.CardIn(folder) ?? throw new InvalidOperationException($"{folder} holds no run: `retort run` begins one.");
        var recipe = Recipe.Read(Path.Combine(folder, "recipe.json"));
        var data = recipe.Data.Open();
        if (data.Hash != card.DataHash) throw new InvalidOperationException(
            $"The data was changed while the run went on: its hash was {card.DataHash} and is {data.Hash} now.");
        using var worker = new Worker(folder, card, recipe, data, progress, TimeProvider.System);
        foreach (var part in parts)
        {
            worker.Carry(Part.Named(recipe, part), token);
            done();
        }
    }

    static void CarryOut(Recipe recipe, Dataset data, RunInfo card, RunOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        var run = options.Folder!;
        var jobs = options.Jobs ?? (card.Device == "cpu" ? Math.Max(options.Cores / card.Threads, 1) : 1);
        using var worker = new Worker(run, card, recipe, data, progress, options.Clock);
        if (recipe.Search is null || Search.Teachers(recipe).Count == 0) Do(Part.Teacher(recipe));
        if (Part.Pairs(recipe).Any(part => part.Role == "student" && !part.IsDone(run))) worker.Cache((1, 1), token);
        if (recipe.Tuning is not null && !File.Exists(Path.Combine(run, "tuning.json")))
        {
            Do(Part.Trials(recipe));
            AtomicFile.Write(Path.Combine(run, "tuning.json"), JsonSerializer.Serialize(Tuning.Table(recipe, worker.Task, worker.TeacherValidation(), run), Json.Indented) + "\n");
        }
        if (recipe.Search is not null && !File.Exists(Search.File(run))) Search.Run(recipe, worker.Task, run, Do);
        Do(Part.Teacher(recipe));
        Do(Part.Pairs(recipe));
        RunFolder.Sweep(run);                                                  // now that nothing else is at work
        foreach (var part in Part.Teacher(recipe).Concat(Part.Pairs(recipe)))
        {
            token.ThrowIfCancellationRequested();
            worker.Time(part);
        }
        Report.Reports.Write(run, data);

        void Do(IReadOnlyList<Part> parts)
        {
            var open = parts.Where(part => !part.IsDone(run)).ToList();
            if (options.Child is { } child && Math.Min(jobs, open.Count) > 1 && open.All(part => part.Role != "teacher"))   // a teacher has all threads
                Children.Run(open.Select(part => part.Name), Math.Min(jobs, open.Count), child(run), progress, token);
            else
                foreach (var part in open) worker.Carry(part, token);
        }
    }

    static RunInfo Card(Recipe recipe, Dataset data, RunOptions options, RunInfo? old)
    {
        var threads = options.Threads ?? old?.Threads ?? recipe.Threads;
        return new()
        {
            Recipe = JsonNode.Parse(recipe.ToJson(recipe.Folder))!, RecipeName = recipe.Name, RecipeHash = recipe.Hash,
            DataName = data.Name, DataHash = data.Hash,
            Examples = new(data.Training.Count, data.Labelled.Count, data.Validation.Count, data.Test.Count),
            Seeds = [.. Enumerable.Range(1, recipe.Seeds)],
            Threads = threads == 0 ? options.Cores : threads, TeacherThreads = old?.TeacherThreads ?? options.Cores, Device = options.Device,
            Versions = Versions(),
        };
    }

    /// <summary>What a run is made with, by name.</summary>
    internal static IReadOnlyDictionary<string, string> Versions() => new Dictionary<string, string>
    {
        ["retort"] = VersionOf(typeof(RunCommand)), ["torchsharp"] = VersionOf(typeof(torch)),
        ["dotnet"] = RuntimeInformation.FrameworkDescription, ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = Processor.Name,
    };

    static string VersionOf(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
