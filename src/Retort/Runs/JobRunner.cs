using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Carries out the jobs of a recipe's plan in this process.</summary>
sealed class JobRunner : IJobRunner, IDisposable
{
    readonly string _run;
    readonly RunInfo _info;
    readonly Recipe _recipe;
    readonly RunPlan _plan;
    readonly Dataset _opened;
    readonly IProgress<TrainingProgress>? _progress;
    readonly TimeProvider _clock;
    readonly SearchResults? _search;
    readonly TeacherSource _teachers;
    (DataOptions Options, Dataset Data) _data;

    /// <param name="run">The run's folder.</param>
    /// <param name="info">Its <c>run.json</c>.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="data">The recipe's data.</param>
    /// <param name="progress">Hears of steps and epochs.</param>
    /// <param name="clock">Times epochs, checkpoints and latencies.</param>
    public JobRunner(string run, RunInfo info, Recipe recipe, Dataset data, IProgress<TrainingProgress>? progress,
        TimeProvider clock)
    {
        (_run, _info, _recipe, _opened, _progress, _clock) = (run, info, recipe, data, progress, clock);
        _plan = RunPlan.Of(recipe);
        _data = (recipe.Data, data);
        Task = recipe.TaskOn(data.Info);
        _search = _plan.Search is { } search ? new(run, search, Task) : null;
        _teachers = new(run, Task, new(info.Device));
    }

    /// <summary>The plan.</summary>
    public RunPlan Plan => _plan;

    /// <summary>The task.</summary>
    public LearningTask Task { get; }

    /// <inheritdoc/>
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
                _search!.WriteTable();
                break;
            case CacheJob cache:
                FillCache(cache, (1, 1), token);
                break;
            case LatencyJob latency:
                MeasureLatency(latency, recipe, data);
                break;
            case AdoptTeacherJob adopt:
                set_num_threads(_info.TeacherThreads);
                Networks(recipe, data, token).Adopt(adopt, _search!.ChosenTeacher(_plan));
                break;
            case NetworkJob network:
                Run(network, recipe, data, token);
                break;
            default:
                throw new ArgumentException($"'{job.Name}' is no job of a recipe.", nameof(job));
        }
    }

    /// <summary>
    /// Writes the cache of the recipe's teacher, or one writer's share of it: missing outputs are computed, some of the
    /// others are compared with the teacher's. Null where the teacher is not cached.
    /// </summary>
    public FilledCache? FillCache(CacheJob job, (int Writer, int Writers) share, CancellationToken token)
    {
        if (_recipe.Teacher is not CachedTeacherOptions cached) return null;

        // another number of threads changes the last bits: where all are kept, they must be those of the students
        set_num_threads(cached.Codec is Float32Options ? _info.Threads : _info.TeacherThreads);
        var teacher = _teachers.Open(job.Teacher, _recipe, _opened, token);
        var wanted = Networks(_recipe, _opened, token).RequiredOfTeacher(teacher, _plan.Search?.Methods ?? [_recipe]);
        return new TeacherCache(_run, _recipe, _opened, _progress, _clock)
            .Fill(teacher, wanted, new(_info.Device), share, token);
    }

    /// <inheritdoc/>
    public void Dispose() => _teachers.Dispose();

    void Run(NetworkJob job, Recipe recipe, Dataset data, CancellationToken token)
    {
        if (_search is not null && job is { IsTrial: true, Role: not Role.Teacher } && !_search.TakesPart(job))
        {
            RungMark.Skipped.Write(Path.Combine(_run, job.Manifest));
            return;
        }
        set_num_threads(job.Role == Role.Teacher ? _info.TeacherThreads : _info.Threads);
        var networks = Networks(recipe, data, token);
        if (job.Role == Role.Teacher && recipe.TeacherItself is PretrainedTeacherOptions) networks.Ask(job);
        else networks.Train(job);
    }

    NetworkJobs Networks(Recipe recipe, Dataset data, CancellationToken token) =>
        new(_run, _info, recipe, data, Task, _teachers, _progress, _clock, token)
        {
            KeepsTrainingPredictions = Task.ScoresNeedTraining
                || _recipe is { Teacher: null, HasControl: true } && Task.HasClassProbabilities,
            TaskNode = _recipe.Task is null ? null : Recipe.Write(_recipe.Task),
        };

    /// <summary>The recipe with what a search gives this job.</summary>
    Recipe RecipeOf(Job job) => _search is null || job is SelectJob or SearchTableJob or CacheJob ? _recipe
        : job is LatencyJob latency ? RecipeOf(_plan[latency.Network]) : _search.RecipeOf(job);

    Dataset DataOf(Recipe recipe)
    {
        if (Same(recipe.Data, _data.Options)) return _data.Data;

        _data = (recipe.Data, Same(recipe.Data, _recipe.Data) ? _opened : recipe.Data.Open());
        return _data.Data;

        static bool Same(DataOptions one, DataOptions other) => ReferenceEquals(one, other)
            || JsonNode.DeepEquals(Recipe.Write(one), Recipe.Write(other));
    }

    // an empty list of samples stands for a network that cannot be inspected
    void MeasureLatency(LatencyJob job, Recipe recipe, Dataset data)
    {
        var folder = Path.Combine(_run, job.Folder);
        var config = SavedNetwork.Read(Path.Combine(folder, "config.json"));
        using var network = config.Parameters is null ? null : Opened(folder, config, recipe, data);
        var samples = network is null ? new LatencySamples("", 1, 1, [])
            : Latency.Of(network, Task.Output,
                config.Role == "teacher" ? TeacherSplit.Of(data.Validation) : data.Validation, _clock);
        AtomicFile.Write(Path.Combine(_run, job.Manifest),
            System.Text.Json.JsonSerializer.Serialize(samples, Json.Line) + "\n");
    }

    // with its weights; of a pretrained teacher null where it is no network of ours
    static Network? Opened(string folder, NetworkConfig config, Recipe recipe, Dataset data)
    {
        if (config.GivenHash is null) return NetworkJobs.Load(folder,
            Recipe.Read<ModelOptions>(config.Network, Path.Combine(folder, "config.json")), config.Data);
        var teacher = ((PretrainedTeacherOptions)recipe.TeacherItself!).Open(data.Info, CPU);
        if (teacher is NetworkTeacher own) return own.Network;

        teacher.Dispose();
        return null;
    }
}
