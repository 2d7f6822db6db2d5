using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>A procedure's context in a run: each stage and each artifact has its place in the student's folder.</summary>
sealed class RunProcedureContext(NetworkJobs networks, Dataset data, LearningTask task,
    NetworkJobs.Training training, bool isTrial, TeacherSource teachers, TimeProvider clock,
    IProgress<TrainingProgress>? progress, CancellationToken token) : ProcedureContext, IDisposable
{
    /// <summary>The difference of the seeds of two trainings; the first has the pair's.</summary>
    internal const int SeedStep = 1_000_000;

    readonly TrainerConfig _config = training.Config;
    readonly List<ITeacher> _trained = [];
    readonly Dictionary<ITeacher, string> _hashes = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public override LearningTask Task => task;

    /// <inheritdoc/>
    public override Dataset Data => data;

    /// <inheritdoc/>
    public override IDataSplit Training => _config.Data;

    /// <inheritdoc/>
    public override ModelOptions Student => training.Model;

    /// <inheritdoc/>
    public override ITeacher? Teacher => _config.Teacher;

    /// <inheritdoc/>
    public override Device Device => teachers.Device;

    /// <inheritdoc/>
    public override int Seed => _config.Seed;

    /// <inheritdoc/>
    public override long Steps => _config.Steps;

    /// <inheritdoc/>
    public override int BatchSize => _config.Options.BatchSize;

    /// <inheritdoc/>
    public override Network NewNetwork(string name, ModelOptions? model = null)
    {
        RandomStream.SeedTorch(_config.Seed, StreamKey.Weights, HashOf(name));
        var network = ModuleFactory.Create(() => (model ?? training.Model).Build(data.Info));
        network.to(Device).ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    /// <inheritdoc/>
    public override Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        _config.Options.Optimizer.Build(parameters);

    /// <inheritdoc/>
    public override double LearningRate(long step, long steps) =>
        _config.Options.LearningRate * _config.Options.Scheduler.Factor(step, steps);

    /// <inheritdoc/>
    public override ITeacher Train(TrainRequest request)
    {
        var model = request.Model ?? training.Model;
        var folder = Path.Combine(_config.Folder, request.Name);
        var split = request.Data ?? _config.Data;
        var steps = request.Steps ?? _config.Steps;
        var seed = checked(_config.Seed + SeedStep * _trained.Count);
        var config = _config with
        {
            Part = $"{_config.Part}/{request.Name}", Folder = folder, Seed = seed, Teacher = request.Teacher,
            Data = split, Steps = steps, StepsPerEpoch = Math.Min(_config.StepsPerEpoch, Math.Max(steps, 1)),
            Build = () => Initialized(model, request.InitialWeights),
            Method = student => NetworkJobs.Checked(
                request.Method(networks.ContextOf(student, request.Teacher, split, _config.Options, steps)), training.Method!,
                student, request.Teacher),
        };
        if (!SavedNetwork.IsIn(folder))
        {
            var teacherHash = request.Teacher is null ? null : _hashes.GetValueOrDefault(request.Teacher)
                ?? teachers.HashOf("teacher");
            networks.Train(config, Role.Student, isTrial,
                trained => networks.Describe(config, "stage", model, training.Method, teacherHash, trained));
            File.Delete(Path.Combine(folder, Checkpoint.FileName));
        }
        var made = NetworkJobs.Load(folder, model, data.Info);
        made.to(Device).ToMemoryFormat(made.PreferredFormat);
        var teacher = new NetworkTeacher(made, owns: true);
        _hashes[teacher] = TeacherSource.HashOfWeights(folder);
        _trained.Add(teacher);
        return teacher;
    }

    /// <inheritdoc/>
    public override Predictions Predict(ITeacher teacher, IDataSplit split) =>
        Evaluator.Predict(teacher, split, task.Output, Device, token);

    /// <inheritdoc/>
    public override Batch BatchAt(IDataSplit split, long step)
    {
        var sampler = new Sampler(split.Count, _config.Options.BatchSize, _config.Seed);
        var (positions, pass) = sampler.At(step);
        var batch = new HostBatch();
        split.Load(positions, new View(_config.Seed, pass), batch);
        return batch.ToBatch(Device, new(_config.Seed, StreamKey.Method, step));
    }

    /// <inheritdoc/>
    public override void Loop(LoopRequest request)
    {
        var loop = new ResumableLoop
        {
            Part = $"{_config.Part}/{request.Name}", Folder = Path.Combine(_config.Folder, request.Name),
            RecipeHash = _config.RecipeHash, CheckpointSeconds = _config.Options.CheckpointSeconds, Clock = clock,
            Progress = progress, Seed = _config.Seed,
        };
        loop.Run(request, token);
    }

    /// <inheritdoc/>
    public override void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null)
    {
        var folder = Path.Combine(_config.Folder, name);
        Directory.CreateDirectory(folder);
        if (SavedNetwork.IsIn(folder)) return;

        network.eval();
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        SafeTensors.Write(Path.Combine(folder, "last.safetensors"), network.state_dict());
        List<(string, Predictions)> predictions =
            [("validation", validation ?? Evaluator.Predict(network, data.Validation, task.Output, Device))];
        if (!isTrial) predictions.Add(("test", test ?? Evaluator.Predict(network, data.Test, task.Output, Device)));
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), predictions);
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.LastEpochName), predictions);
        var scores = task.EvaluateEpoch(predictions[0].Item2, _config.TeacherValidation);
        var log = new MetricsLog(folder, events: null);
        log.Begin(0);
        log.Add(new()
        {
            Epoch = 1, Step = _config.Steps, Loss = new Dictionary<string, double> { ["total"] = 0 }, LearningRate = 0,
            Validation = scores, Seconds = 0, WaitShare = 0,
        });
        var config = _config with { Part = $"{_config.Part}/{name}", Folder = folder };
        NetworkJobs.Write(folder, networks.Describe(config, "stage", model ?? training.Model, training.Method, null,
            new(network, new Dictionary<string, Tensor>(), _config.Steps)));
    }

    /// <inheritdoc/>
    public override void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors) =>
        SafeTensors.Write(PathOf(artifact), tensors, new Dictionary<string, string>
        {
            ["kind"] = artifact.Kind.ToString().ToLowerInvariant(),
        });

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact) =>
        File.Exists(PathOf(artifact)) ? SafeTensors.Read(PathOf(artifact)) : null;

    /// <inheritdoc/>
    public void Dispose() => _trained.ForEach(teacher => teacher.Dispose());

    string PathOf(Artifact artifact)
    {
        Directory.CreateDirectory(_config.Folder);
        return Path.Combine(_config.Folder, artifact.Name);
    }

    Network Initialized(ModelOptions model, IReadOnlyDictionary<string, Tensor>? weights)
    {
        var network = model.Build(data.Info);
        if (weights is not null) Checkpoint.Load(network.state_dict(), weights, "the initial weights");
        return network;
    }

    // FNV-1a: the same in every process
    static int HashOf(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        return (int)(hash & 0x7fffffff);
    }
}
