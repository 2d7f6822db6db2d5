using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Runs the jobs of a recipe's plan in this process.</summary>
sealed class JobRunner : IJobRunner, IDisposable
{
    readonly RunContext _run;
    readonly SearchResults? _search;
    readonly TeacherSource _teachers;
    Dataset _data;
    DataOptions _dataOptions;                           // of _data

    public JobRunner(RunContext run)
    {
        _run = run;
        _data = run.Data;
        _dataOptions = run.Recipe.Source;
        Task = run.Recipe.TaskOn(run.Data.Info);
        Plan = RunPlan.Of(run.Recipe, Task);
        _search = Plan.Search is { } search ? new(run.Folder, search, Task) : null;
        _teachers = OpenTeachers();
    }

    /// <summary>The plan.</summary>
    public RunPlan Plan { get; }

    /// <summary>The task.</summary>
    public LearningTask Task { get; }

    public void Run(Job job, CancellationToken token)
    {
        var recipe = RecipeOf(job);
        var data = DataOf(recipe);
        switch (job)
        {
            case SelectJob select:
                _search!.Select(select);
                break;
            case SearchTableJob:
                _search!.WriteTable(Plan);
                break;
            case CacheJob cache:
                FillCache(cache, (1, 1), token);
                break;
            case LatencyJob latency:
                MeasureLatency(latency, recipe, data);
                break;
            case TermsJob terms:
                set_num_threads(_run.Info.Threads);
                NetworkJobs(recipe, data, token).MeasureTerms((NetworkJob)Plan[terms.Student]);
                break;
            case ChosenTeacherJob chosen:
                set_num_threads(_run.Info.TeacherThreads);
                NetworkJobs(recipe, data, token).CopyChosenTeacher(chosen, _search!.ChosenTeacher(Plan, chosen));
                break;
            case NetworkJob network:
                RunNetwork(network, recipe, data, token);
                break;
            default:
                throw new ArgumentException($"'{job.Name}' is not a job of a recipe.", nameof(job));
        }
    }

    /// <summary>
    /// Refuses a recipe whose task, networks and methods do not fit each other. Nothing is written; a teacher that the
    /// recipe trains is checked with its initial weights.
    /// </summary>
    public void CheckMethods(CancellationToken token)
    {
        var (recipe, data) = (_run.Recipe, _run.Data);
        using var network = recipe.TeacherItself is TrainedTeacherOptions trained
            ? ModuleFactory.Create(() => trained.Network.Build(data.Info.ForTeacher)) : null;
        network?.to(_teachers.Device);
        using var untrained = network is null ? null : new NetworkTeacher(network, owns: false);
        using var teachers = OpenTeachers();                // the jobs open the teacher with their number of threads
        var teacher = recipe.TeacherItself is PretrainedTeacherOptions
            ? teachers.Open("teacher", recipe, data, token) : untrained;
        foreach (var tried in Plan.Search?.Methods ?? [recipe])
            new MethodCheck(ContextOf(tried, data, token) with { Teachers = teachers }).Check(tried, teacher);
    }

    /// <summary>
    /// Fills the cache of the recipe's teacher, or one writer's share of it: missing outputs are computed, and some of
    /// the others are compared with the teacher's. Null where the teacher is not cached.
    /// </summary>
    public FilledCache? FillCache(CacheJob job, (int Writer, int Writers) share, CancellationToken token)
    {
        var recipe = _run.Recipe;
        if (recipe.Teacher is not CachedTeacherOptions cached) return null;

        // another number of threads changes the last bits: where the cache keeps all bits, use the students' number
        set_num_threads(cached.Codec is Float32Options ? _run.Info.Threads : _run.Info.TeacherThreads);
        var teacher = _teachers.Open(job.Teacher, recipe, _run.Data, token);
        var recipes = Plan.Search?.Methods ?? [recipe];
        var wanted = NetworkJobs(recipe, _run.Data, token).RequiredOfTeacher(teacher, recipes);
        return new TeacherCache(_run).Fill(teacher, wanted, share, token);
    }

    public void Dispose() => _teachers.Dispose();

    void RunNetwork(NetworkJob job, Recipe recipe, Dataset data, CancellationToken token)
    {
        if (_search is not null && job is { IsTrial: true, Role: not Role.Teacher } && !_search.IsSelected(job))
        {
            RungResult.Skipped.Write(_run.PathOf(job.Manifest));
            return;
        }
        set_num_threads(job.Role == Role.Teacher ? _run.Info.TeacherThreads : _run.Info.Threads);
        var jobs = NetworkJobs(recipe, data, token);
        if (job.Role == Role.Teacher && recipe.TeacherItself is PretrainedTeacherOptions) jobs.PredictTeacher(job);
        else jobs.Train(job);
    }

    TeacherSource OpenTeachers() => new(_run.Folder, Task, new(_run.Info.Device));

    NetworkJobs NetworkJobs(Recipe recipe, Dataset data, CancellationToken token) =>
        new(ContextOf(recipe, data, token));

    JobContext ContextOf(Recipe recipe, Dataset data, CancellationToken token) => new()
    {
        Run = _run,
        Recipe = recipe,
        Data = data,
        Task = Task,
        Teachers = _teachers,
        Token = token,
    };

    /// <summary>The recipe with the settings that a search gives this job.</summary>
    Recipe RecipeOf(Job job) => _search is null || job is SelectJob or SearchTableJob or CacheJob ? _run.Recipe
        : job is LatencyJob latency ? RecipeOf(Plan[latency.Network])
        : job is TermsJob terms ? RecipeOf(Plan[terms.Student])
        : _search.RecipeOf(job);

    Dataset DataOf(Recipe recipe)
    {
        if (AreEqual(recipe.Source, _dataOptions)) return _data;

        _data = AreEqual(recipe.Source, _run.Recipe.Source) ? _run.Data : recipe.Source.Open();
        _dataOptions = recipe.Source;
        return _data;

        static bool AreEqual(DataOptions one, DataOptions other) => ReferenceEquals(one, other)
            || JsonNode.DeepEquals(Written(one), Written(other));

        static JsonNode Written(DataOptions options) => options is EnvironmentOptions environment
            ? Recipe.Write(environment) : Recipe.Write(options);
    }

    // an empty list of samples means a network that cannot be inspected
    void MeasureLatency(LatencyJob job, Recipe recipe, Dataset data)
    {
        var folder = _run.PathOf(job.Folder);
        var config = NetworkFiles.ReadConfig(folder);
        using var network = config.Parameters is null ? null : OpenNetwork(folder, config, recipe, data);
        var split = config.Role == Role.Teacher.Name() ? TeacherSplit.Of(data.Validation) : data.Validation;
        var samples = network is null ? new("", 1, 1, []) : Latency.Of(network, Task.Output, split, _run.Clock);
        AtomicFile.Write(_run.PathOf(job.Manifest), JsonSerializer.Serialize(samples, Json.Line) + "\n");
    }

    // null for a pretrained teacher that is not a network of Retort's
    static Network? OpenNetwork(string folder, NetworkConfig config, Recipe recipe, Dataset data)
    {
        if (config.GivenHash is null)
        {
            var model = Recipe.Read<ModelOptions>(config.Network, Path.Combine(folder, NetworkFiles.Config));
            return NetworkFiles.Load(folder, model, config.Data);
        }
        var teacher = ((PretrainedTeacherOptions)recipe.TeacherItself!).Open(data.Info, CPU);
        if (teacher is NetworkTeacher own) return own.Network;

        teacher.Dispose();
        return null;
    }
}
