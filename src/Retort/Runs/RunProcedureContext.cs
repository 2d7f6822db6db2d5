using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>The context of a procedure in a run: stages and artifacts are in the student's folder.</summary>
sealed class RunProcedureContext(
    JobContext context, NetworkTrainer trainer, NetworkTraining training, bool isTrial)
    : ProcedureContext, IDisposable
{
    /// <summary>The difference of the seeds of two trainings; the first has the pair's seed.</summary>
    internal const int SeedStep = 1_000_000;

    readonly TrainerConfig _config = training.Config;
    readonly List<ITeacher> _trained = [];
    readonly Dictionary<ITeacher, string> _hashes = new(ReferenceEqualityComparer.Instance);

    public override LearningTask Task => context.Task;

    public override Dataset Data => context.Data;

    public override IDataSplit Training => _config.Data;

    public override ModelOptions Student => training.Model;

    public override ITeacher? Teacher => _config.Teacher;

    public override Device Device => context.Device;

    public override int Seed => _config.Seed;

    public override long Steps => _config.Steps;

    public override int BatchSize => _config.Options.BatchSize;

    public override Network NewNetwork(string name, ModelOptions? model = null)
    {
        RandomStream.SeedTorch(_config.Seed, StreamKey.Weights, HashOf(name));
        var network = ModuleFactory.Create(() => (model ?? training.Model).Build(Data.Info));
        network.to(Device).ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    public override Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        _config.Options.Optimizer.Build(parameters);

    public override double LearningRate(long step, long steps) =>
        _config.Options.LearningRate * _config.Options.Scheduler.Factor(step, steps);

    public override ITeacher Train(TrainRequest request)
    {
        var stage = TrainingOf(request);
        var folder = stage.Config.Folder;
        if (!SavedNetwork.IsIn(folder))
        {
            var teacherHash = request.Teacher is null ? null
                : _hashes.GetValueOrDefault(request.Teacher) ?? context.Teachers.HashOf("teacher");
            trainer.Train(stage.Config, Role.Student, isTrial,
                result => trainer.Describe(stage, "stage", teacherHash, result));
            File.Delete(Path.Combine(folder, Checkpoint.FileName));
        }
        var network = NetworkFiles.Load(folder, stage.Model, Data.Info);
        network.to(Device).ToMemoryFormat(network.PreferredFormat);
        var teacher = new NetworkTeacher(network, owns: true);
        _hashes[teacher] = NetworkFiles.WeightsHash(folder);
        _trained.Add(teacher);
        return teacher;
    }

    public override Predictions Predict(ITeacher teacher, IDataSplit split) =>
        Evaluator.Predict(teacher, split, Task.Output, Device, context.Token);

    public override Batch BatchAt(IDataSplit split, long step)
    {
        var sampler = new Sampler(split.Count, BatchSize, _config.Seed);
        var (positions, pass) = sampler.At(step);
        var batch = new HostBatch();
        split.Load(positions, new View(_config.Seed, pass), batch);
        return batch.ToBatch(Device, new(_config.Seed, StreamKey.Method, step));
    }

    public override void Loop(LoopRequest request)
    {
        var loop = new ResumableLoop
        {
            Part = $"{_config.Part}/{request.Name}",
            Folder = Path.Combine(_config.Folder, request.Name),
            RecipeHash = _config.RecipeHash,
            Seed = _config.Seed,
            CheckpointSeconds = _config.Options.CheckpointSeconds,
            Clock = context.Run.Clock,
            Progress = context.Run.Progress,
        };
        loop.Run(request, context.Token);
    }

    public override void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null)
    {
        var folder = Path.Combine(_config.Folder, name);
        Directory.CreateDirectory(folder);
        if (SavedNetwork.IsIn(folder)) return;

        network.eval();
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.Weights), network.state_dict());
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.LastWeights), network.state_dict());
        validation ??= Evaluator.Predict(network, Data.Validation, Task.Output, Device);
        List<(string, Predictions)> predictions = [("validation", validation)];
        if (!isTrial) predictions.Add(("test", test ?? Evaluator.Predict(network, Data.Test, Task.Output, Device)));
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), predictions);
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.LastEpochName), predictions);
        var log = new MetricsLog(folder, events: null);
        log.Begin(0);
        log.Add(new()
        {
            Epoch = 1,
            Step = _config.Steps,
            Loss = new Dictionary<string, double> { ["total"] = 0 },
            LearningRate = 0,
            Validation = Task.EvaluateEpoch(validation, _config.TeacherValidation),
            Seconds = 0,
            WaitShare = 0,
        });
        var config = _config with { Part = $"{_config.Part}/{name}", Folder = folder };
        var stage = new NetworkTraining(model ?? training.Model, training.Method, config);
        var result = new TrainingResult(network, new Dictionary<string, Tensor>(), _config.Steps);
        NetworkFiles.WriteConfig(folder, trainer.Describe(stage, "stage", null, result));
    }

    public override void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors) =>
        SafeTensors.Write(PathOf(artifact), tensors, new Dictionary<string, string>
        {
            ["kind"] = artifact.Kind.ToString().ToLowerInvariant(),
        });

    public override IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact) =>
        File.Exists(PathOf(artifact)) ? SafeTensors.Read(PathOf(artifact)) : null;

    public void Dispose() => _trained.ForEach(teacher => teacher.Dispose());

    NetworkTraining TrainingOf(TrainRequest request)
    {
        var model = request.Model ?? training.Model;
        var split = request.Data ?? _config.Data;
        var steps = request.Steps ?? _config.Steps;
        return new(model, training.Method, _config with
        {
            Part = $"{_config.Part}/{request.Name}",
            Folder = Path.Combine(_config.Folder, request.Name),
            Seed = checked(_config.Seed + SeedStep * _trained.Count),
            Teacher = request.Teacher,
            Data = split,
            Steps = steps,
            StepsPerEpoch = Math.Min(_config.StepsPerEpoch, Math.Max(steps, 1)),
            Build = () => Initialized(model, request.InitialWeights),
            Method = NewMethod,
        });

        DistillationLoss NewMethod(Network student)
        {
            var methodContext = trainer.MethodContext(student, request.Teacher, split, _config.Options, steps);
            return NetworkTrainer.Checked(request.Method(methodContext), training.Method!, student, request.Teacher);
        }
    }

    string PathOf(Artifact artifact)
    {
        Directory.CreateDirectory(_config.Folder);
        return Path.Combine(_config.Folder, artifact.Name);
    }

    Network Initialized(ModelOptions model, IReadOnlyDictionary<string, Tensor>? weights)
    {
        var network = model.Build(Data.Info);
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
