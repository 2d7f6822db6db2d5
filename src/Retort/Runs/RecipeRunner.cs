using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Native;
using Retort.Training;
using TorchSharp;

namespace Retort.Runs;

/// <summary>Runs a recipe: plans its jobs and carries them out. What is done is not done again when a stopped run goes on.</summary>
public static class RecipeRunner
{
    /// <summary>What a child process writes after a job that is done.</summary>
    public const string JobDone = ChildProcesses.Done;

    /// <summary>What it writes after a job that another process holds.</summary>
    public const string JobHeld = ChildProcesses.Held;

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Runs all jobs; the report is the caller's. Cancelled, it throws <see cref="OperationCanceledException"/> once
    /// everything is saved; its message says how to go on.
    /// </summary>
    /// <returns>The finished run, whose folder stays held until it is disposed.</returns>
    public static FinishedRun Run(Recipe recipe, RunOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        _ = RunPlan.Of(recipe);                             // what cannot be planned is refused before anything is made
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var command = options.Command ?? $"retort run {recipe.Name}.json";
        RunFolder.Check(path, command);
        var data = Open(recipe, options);
        var info = Describe(recipe, data, options, RunFolder.InfoIn(path));
        var folder = RunFolder.Begin(path, info, recipe.ToJson(path), options.Resume, command);
        try
        {
            RunJobs(path, info, recipe, data, options, progress, token);
            RunFolder.Sweep(path);                          // now that nothing else is at work
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
    /// Takes open jobs of a run that another process, here or on another machine that sees the folder, has begun, until
    /// none is left. Returns the run where nobody leads it any more, so that the caller makes the report; else null: the
    /// leader makes it.
    /// </summary>
    public static FinishedRun? Join(Recipe recipe, RunOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken token = default)
    {
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var command = options.Command ?? $"retort run {recipe.Name}.json";
        var begun = RunFolder.InfoIn(path) ?? throw new InvalidOperationException(
            $"{path} holds no run to join: `{command} --out {path}` begins one.");
        var data = Open(recipe, options with { Device = begun.Device });
        var info = Describe(recipe, data, options with { Device = begun.Device }, begun);
        RunFolder.CheckVersions(path, begun, info);
        RunFolder.CheckSame(path, begun, info, command);
        try
        {
            RunJobs(path, begun, recipe, data, options, progress, token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException("Stopped; what is done is kept, and the run goes on without this process.", token);
        }
        var held = FolderLock.TryTake(path);
        if (held is null) return null;

        if (File.Exists(Path.Combine(path, "results.json")))
        {
            held.Dispose();
            return null;
        }
        RunFolder.Sweep(path);
        return new(path, data, held);
    }

    /// <summary>
    /// Fills the cache of a recipe's teacher, or one writer's share of it, and does nothing else; a teacher that the recipe
    /// trains is trained first, in the run's folder, by one process while the others wait for it. Any number of these may
    /// work on one cache.
    /// </summary>
    /// <param name="recipe">Its teacher must be a cached one.</param>
    /// <param name="options">As of the run that will use it: its folder decides where the cache is, unless the recipe does.</param>
    /// <param name="share">Which writer this is of how many; the first is 1.</param>
    /// <param name="progress">Hears of the estimate, and of what is done.</param>
    /// <param name="token">Gives up the shard at hand; what is done is kept.</param>
    public static FilledCache Cache(Recipe recipe, RunOptions options, (int Writer, int Writers) share,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        if (recipe.Teacher is not CachedTeacherOptions) throw new InvalidOperationException(
            $"The teacher of {recipe.Name} is not cached: its recipe must say \"teacher\": {{ \"name\": \"cached\", \"teacher\": … }}.");
        var path = options.Folder ?? Path.Combine("runs", recipe.Name);
        var data = Open(recipe, options);
        var old = RunFolder.InfoIn(path);
        var info = Describe(recipe, data, options, old);
        if (old is not null && (old.RecipeHash, old.DataHash) != (info.RecipeHash, info.DataHash))
            throw new InvalidOperationException($"{path} holds a run of another recipe or other data: choose another --out.");
        using var runner = new JobRunner(path, info, recipe, data, progress, options.Clock);
        var cache = runner.Plan.Jobs.OfType<CacheJob>().Single();
        try
        {
            if (recipe.TeacherItself is TrainedTeacherOptions)
                TrainTeacher(runner, path, info, recipe, options, progress, token);
            return runner.FillCache(cache, share, token)!;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                "Stopped; what is done is kept, and the same command goes on from there.", token);
        }
    }

    /// <summary>Carries out jobs of a run that another process leads: what a child process does.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="jobs">The jobs' names.</param>
    /// <param name="ended">Called after each: whether it was done, or else held by another process.</param>
    /// <param name="progress">Hears of steps and epochs.</param>
    /// <param name="token">Cancelled when the parent wants an end or is gone.</param>
    public static void RunAsChild(string folder, IEnumerable<string> jobs, Action<bool> ended,
        IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        var info = RunFolder.InfoIn(folder)
            ?? throw new InvalidOperationException($"{folder} holds no run: `retort run` begins one.");
        var recipe = Recipe.Read(Path.Combine(folder, "recipe.json"));
        var data = recipe.Data.Open();
        if (data.Hash != info.DataHash) throw new InvalidOperationException(
            $"The data was changed while the run went on: its hash was {info.DataHash} and is {data.Hash} now.");
        using var runner = new JobRunner(folder, info, recipe, data, progress, TimeProvider.System);
        JobLock.RunEach(runner, runner.Plan.Jobs, folder, jobs, ended, token);
    }

    static void RunJobs(string path, RunInfo info, Recipe recipe, Dataset data, RunOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        if (recipe.Teacher is CachedTeacherOptions cached) TeacherCache.Reopen(path, cached);
        using var runner = new JobRunner(path, info, recipe, data, progress, options.Clock);
        new Scheduler(path, runner.Plan.Jobs, runner)
        {
            Parallel = options.Jobs ?? (info.Device == "cpu" ? Math.Max(options.Cores / info.Threads, 1) : 1),
            Child = options.Child, Progress = progress,
        }.Run(token);
    }

    static void TrainTeacher(JobRunner runner, string path, RunInfo info, Recipe recipe, RunOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        var teacher = runner.Plan.Jobs.OfType<NetworkJob>().First(job => job.Role == Role.Teacher);
        var command = options.Command ?? $"retort run {recipe.Name}.json";
        for (var told = false; !teacher.IsDone(path); told = true)
        {
            using (var folder = RunFolder.TryBegin(path, info, recipe.ToJson(path), command))
                if (folder is not null)
                {
                    using var taken = JobLock.TryTake(teacher, path);
                    if (taken is not null) runner.Run(teacher, token);
                    continue;
                }
            if (!told) progress?.Report(new(teacher.Name, 0, 1, 0, 0, double.NaN, null)
            {
                Note = $"Another process is at work in {path}: this one waits until the teacher is trained.",
            });
            token.WaitHandle.WaitOne(Poll);
            token.ThrowIfCancellationRequested();
        }
    }

    static Dataset Open(Recipe recipe, RunOptions options)
    {
        OptionRules.Check(recipe);
        OptionRules.Check(options);
        NativeLoader.EnsureLoaded();
        if (options.Device == "cuda" && !torch.cuda.is_available()) throw new InvalidOperationException(
            "No CUDA device can be used here: `retort doctor` says what is missing, --device cpu trains without one.");
        var data = recipe.Data.Open();
        TeacherCache.Check(recipe, data);
        RecipeRules.CheckTeacher(recipe);
        _ = recipe.TaskOn(data.Info);
        return data;
    }

    static RunInfo Describe(Recipe recipe, Dataset data, RunOptions options, RunInfo? old)
    {
        var threads = options.Threads ?? old?.Threads ?? recipe.Threads;
        return new()
        {
            Recipe = JsonNode.Parse(recipe.ToJson(recipe.Folder))!, RecipeName = recipe.Name, RecipeHash = recipe.Hash,
            DataName = data.Name, DataHash = data.Hash,
            Examples = new(data.Training.Count, data.Labelled.Count, data.Validation.Count, data.Test.Count),
            Seeds = [.. Enumerable.Range(1, recipe.Seeds)],
            Threads = threads == 0 ? options.Cores : threads, TeacherThreads = old?.TeacherThreads ?? options.Cores,
            Device = options.Device, Versions = Versions(),
        };
    }

    /// <summary>What a run is made with, by name.</summary>
    internal static IReadOnlyDictionary<string, string> Versions() => new Dictionary<string, string>
    {
        ["retort"] = VersionOf(typeof(RecipeRunner)), ["torchsharp"] = VersionOf(typeof(torch)),
        ["dotnet"] = RuntimeInformation.FrameworkDescription, ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = Processor.Name,
    };

    static string VersionOf(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
