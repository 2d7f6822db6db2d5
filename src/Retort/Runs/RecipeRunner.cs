using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Runs;

/// <summary>Runs a recipe: plans its jobs and runs them. A stopped run continues without doing a job again.</summary>
public static class RecipeRunner
{
    /// <summary>The line that a child process writes after a job that is done.</summary>
    public const string JobDone = ChildProcesses.Done;

    /// <summary>The line that it writes after a job that another process holds.</summary>
    public const string JobHeld = ChildProcesses.Held;

    /// <summary>
    /// Runs all jobs; the caller makes the report. On cancellation it throws <see cref="OperationCanceledException"/>
    /// after everything is saved; the message says how to continue.
    /// </summary>
    /// <returns>The finished run, whose folder stays locked until it is disposed.</returns>
    public static FinishedRun Run(Recipe recipe, RunOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        _ = RunPlan.Of(recipe);                             // refuses an impossible search before the data is read
        var path = FolderOf(recipe, options);
        var command = CommandOf(recipe, options);
        RunFolder.Check(path, command);
        var data = Open(recipe, options);
        var begun = RunFolder.InfoIn(path);
        var info = Describe(recipe, data, options, begun);
        var context = Context(path, info, recipe, data, options, progress);
        using var runner = new JobRunner(context);
        if (begun is null) runner.CheckMethods(token);
        var folder = RunFolder.Begin(path, info, recipe.ToJson(path), options.Resume, command);
        try
        {
            Announce(context, runner.Plan);
            RunJobs(runner, context, options, token);
            RunFolder.RemoveLeftovers(path);                // no other process works here now
            return new(path, data, folder);
        }
        catch (Exception error)
        {
            folder.Dispose();
            if (error is OperationCanceledException && token.IsCancellationRequested)
                throw RunFolder.Stopped(path, command, token);
            throw;
        }
    }

    /// <summary>
    /// Runs open jobs of a run that another process, here or on another machine that sees the folder, has begun, until
    /// none is left. Returns the run where no process leads it any more, so that the caller makes the report; otherwise
    /// null: the leading process makes it.
    /// </summary>
    public static FinishedRun? Join(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        var path = FolderOf(recipe, options);
        var command = CommandOf(recipe, options);
        var begun = RunFolder.InfoIn(path) ?? throw new InvalidOperationException(
            $"{path} holds no run to join: `{command} --out {path}` begins one.");
        options = options with { Device = begun.Device };
        var data = Open(recipe, options);
        var info = Describe(recipe, data, options, begun);
        RunFolder.CheckVersions(path, begun, info);
        RunFolder.CheckSame(path, begun, info, command);
        var context = Context(path, begun, recipe, data, options, progress);
        using var runner = new JobRunner(context);
        try
        {
            RunJobs(runner, context, options, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                "Stopped; what is done is kept, and the run continues without this process.", token);
        }
        var held = FolderLock.TryTakePatiently(path);
        if (held is null) return null;

        if (File.Exists(Path.Combine(path, "results.json")))
        {
            held.Dispose();
            return null;
        }
        RunFolder.RemoveLeftovers(path);
        return new(path, data, held);
    }

    /// <summary>
    /// Fills the cache of a recipe's teacher, or one writer's share of it, and does nothing else. A teacher that the
    /// recipe trains is trained first, in the run's folder, by one process while the others wait for it. Any number of
    /// processes may work on one cache.
    /// </summary>
    /// <param name="recipe">The recipe; its teacher must be a cached one.</param>
    /// <param name="options">
    /// The options of the run that will use the cache: its folder decides where the cache is, unless the recipe does.
    /// </param>
    /// <param name="share">The number of this writer, from 1, and the number of writers.</param>
    /// <param name="progress">Receives the estimate, and the progress of the cache.</param>
    /// <param name="token">Stops the work; the current shard is given up, finished shards are kept.</param>
    public static FilledCache Cache(Recipe recipe, RunOptions options, (int Writer, int Writers) share,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        if (recipe.Teacher is not CachedTeacherOptions) throw new InvalidOperationException(
            $"The teacher of {recipe.Name} is not cached: its recipe must say "
            + "\"teacher\": { \"name\": \"cached\", \"teacher\": … }.");

        var path = FolderOf(recipe, options);
        var data = Open(recipe, options);
        var begun = RunFolder.InfoIn(path);
        var info = Describe(recipe, data, options, begun);
        if (begun is not null && (begun.RecipeHash, begun.DataHash) != (info.RecipeHash, info.DataHash))
            throw new InvalidOperationException(
                $"{path} holds a run of another recipe or other data: choose another --out.");
        var context = Context(path, info, recipe, data, options, progress);
        using var runner = new JobRunner(context);
        if (begun is null) runner.CheckMethods(token);
        try
        {
            if (recipe.TeacherItself is TrainedTeacherOptions)
                TrainTeacher(runner, context, CommandOf(recipe, options), token);
            return runner.FillCache(runner.Plan.Jobs.OfType<CacheJob>().Single(), share, token)!;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                "Stopped; what is done is kept, and the same command continues from there.", token);
        }
    }

    /// <summary>Runs jobs of a run that another process leads: the work of a child process.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="jobs">The jobs' names.</param>
    /// <param name="ended">Called after each job: whether it was done here, or else is held by another process.</param>
    /// <param name="progress">Receives the progress of steps and epochs.</param>
    /// <param name="token">Cancelled when the parent stops the run or has ended.</param>
    public static void RunAsChild(string folder, IEnumerable<string> jobs, Action<bool> ended,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        var info = RunFolder.InfoIn(folder)
            ?? throw new InvalidOperationException($"{folder} holds no run: `retort run` begins one.");
        var recipe = Recipe.Read(Path.Combine(folder, "recipe.json"));
        var data = recipe.Source.Open();
        if (data.Hash != info.DataHash) throw new InvalidOperationException(
            $"The data was changed during the run: its hash was {info.DataHash} and is {data.Hash} now.");

        using var runner = new JobRunner(new(folder, info, recipe, data) { Progress = progress });
        ChildJobs.Run(runner, runner.Plan.Jobs, folder, jobs, ended, token);
    }

    /// <summary>Versions of what a run is made with, by name.</summary>
    internal static IReadOnlyDictionary<string, string> Versions() => new Dictionary<string, string>
    {
        ["retort"] = VersionOf(typeof(RecipeRunner)),
        ["torchsharp"] = VersionOf(typeof(torch)),
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = Processor.Name,
    };

    static string FolderOf(Recipe recipe, RunOptions options) => options.Folder ?? Path.Combine("runs", recipe.Name);

    static string CommandOf(Recipe recipe, RunOptions options) => options.Command ?? $"retort run {recipe.Name}.json";

    static RunContext Context(string path, RunInfo info, Recipe recipe, Dataset data, RunOptions options,
        IProgress<TrainingProgress>? progress) =>
        new(path, info, recipe, data) { Progress = progress, Clock = options.Clock };

    static void Announce(RunContext context, RunPlan plan)
    {
        foreach (var sentence in RunAnnouncement.Of(context, plan))
            context.Progress?.Report(new("run", 0, 1, 0, 0, double.NaN, null) { Note = sentence });
    }

    static void RunJobs(JobRunner runner, RunContext context, RunOptions options, CancellationToken token)
    {
        if (context.Recipe.Teacher is CachedTeacherOptions cached) TeacherCache.Reopen(context.Folder, cached);
        var room = context.Info.Device == "cpu" ? Math.Max(options.Cores / context.Info.Threads, 1) : 1;
        var scheduler = new Scheduler(context.Folder, runner.Plan.Jobs, runner)
        {
            Parallel = options.Jobs ?? room,
            Child = options.Child,
            Progress = context.Progress,
        };
        scheduler.Run(token);
    }

    // the first of several writers begins the run; one trains the teacher, and the others wait
    static void TrainTeacher(JobRunner runner, RunContext context, string command, CancellationToken token)
    {
        if (runner.Plan["teacher"].IsDone(context.Folder)) return;

        RunFolder.TryBegin(context.Folder, context.Info, context.Recipe.ToJson(context.Folder), command)?.Dispose();
        new Scheduler(context.Folder, runner.Plan.TeacherJobs, runner) { Progress = context.Progress }.Run(token);
    }

    static Dataset Open(Recipe recipe, RunOptions options)
    {
        OptionRules.Check(recipe);
        OptionRules.Check(options);
        NativeLoader.EnsureLoaded();
        if (options.Device == "cuda" && !torch.cuda.is_available()) throw new InvalidOperationException(
            "No CUDA device can be used here: `retort doctor` says what is missing, --device cpu trains without one.");

        var data = recipe.Source.Open();
        TeacherCache.Check(recipe, data);
        RecipeRules.Check(recipe);
        var task = recipe.TaskOn(data.Info);
        if (recipe.TeacherItself is TrainedTeacherOptions) _ = task.ForTeacher;
        return data;
    }

    static RunInfo Describe(Recipe recipe, Dataset data, RunOptions options, RunInfo? begun)
    {
        var threads = options.Threads ?? begun?.Threads ?? recipe.Threads;
        return new()
        {
            Recipe = JsonNode.Parse(recipe.ToJson(recipe.Folder))!,
            RecipeName = recipe.Name,
            RecipeHash = recipe.Hash,
            DataName = data.Name,
            DataHash = data.Hash,
            Examples = new(data.Training.Count, data.Labelled.Count, data.Validation.Count, data.Test.Count),
            DataFindings = data.Findings.Count == 0 ? null : data.Findings,
            Seeds = [.. Enumerable.Range(1, recipe.Seeds)],
            Threads = threads == 0 ? options.Cores : threads,
            TeacherThreads = begun?.TeacherThreads ?? options.Cores,
            Device = options.Device,
            Extensions = options.Extensions,
            Versions = Versions(),
        };
    }

    static string VersionOf(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
