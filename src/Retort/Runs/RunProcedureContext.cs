using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>The context of a procedure in a run: stages and artifacts are in the student's folder.</summary>
/// <param name="context">What a job of a network works with.</param>
/// <param name="trainer">Trains networks and writes their folders.</param>
/// <param name="training">The training of the job: its options serve each network.</param>
/// <param name="job">The job.</param>
/// <param name="artifacts">The artifacts that the procedure lists.</param>
sealed partial class RunProcedureContext(JobContext context, NetworkTrainer trainer, NetworkTraining training,
    NetworkJob job, IReadOnlyList<Artifact> artifacts) : ProcedureContext, IDisposable
{
    /// <summary>The difference of the seeds of two trainings; the first has the pair's seed.</summary>
    internal const int SeedStep = 1_000_000;

    readonly TrainerConfig _config = training.Config;
    readonly List<ITeacher> _trained = [];
    readonly Dictionary<ITeacher, string> _hashes = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<string> _loops = [];
    readonly HashSet<string> _networks = [];
    long _steps;                                        // of all trainings and loops
    long _unsavedSteps;                                 // of the loops since a network was saved

    public override LearningTask Task => context.Task;

    public override Dataset Data => context.Data;

    public override IDataSplit Training => _config.Data;

    public override EnvironmentOptions? Environment => context.Recipe.Environment;

    public override ModelOptions Student => training.Model;

    public override ITeacher? Teacher => _config.Teacher;

    public override ModelOptions? TeacherModel => TeacherModels.Of(context.Recipe);

    public override Device Device => context.Device;

    public override int Seed => _config.Seed;

    public override long Steps => _config.Steps;

    public override long StepsPerEpoch => _config.StepsPerEpoch;

    public override int BatchSize => _config.Options.BatchSize;

    public override double MaxGradientNorm => _config.Options.MaxGradientNorm;

    public override Network CopyTeacher()
    {
        using var scope = NewDisposeScope();
        if (TeacherModel is not { } model
            || context.Teachers.Open(job.Teacher!, context.Recipe, Data, context.Token) is not NetworkTeacher teacher)
            throw new InvalidOperationException($"{MethodName} needs a teacher that is a network of Retort's.");

        var copy = ModuleFactory.Create(() => model.Build(Data.Info.ForTeacher));
        Checkpoint.Load(copy.state_dict(), teacher.Network.state_dict(), "the teacher");
        copy.to(Device).ToMemoryFormat(copy.PreferredFormat);
        return copy;
    }

    public override Network NewStudent() => Built(training.Model, name: 0);

    public override Network NewNetwork(string name, ModelOptions? model = null) =>
        Built(model ?? training.Model, HashOf(name));

    Network Built(ModelOptions model, int name)
    {
        RandomStream.SeedTorch(_config.Seed, StreamKey.Weights, name);
        var network = ModuleFactory.Create(() => model.Build(Data.Info));
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
        Request(_networks, "networks", request.Name);
        var stage = TrainingOf(request);
        var folder = stage.Config.Folder;
        if (!SavedNetwork.IsIn(folder))
        {
            var teacherHash = request.Teacher is null ? null : HashOf(request.Teacher);
            trainer.Train(stage.Config, Role.Student, job.IsTrial,
                result => trainer.Describe(stage, "stage", teacherHash, result), StudentTerms.For(job, context));
            File.Delete(Path.Combine(folder, Checkpoint.FileName));
        }
        _steps += stage.Config.Steps;
        var network = NetworkFiles.Load(folder, stage.Model, Data.Info);
        network.to(Device).ToMemoryFormat(network.PreferredFormat);
        var teacher = new NetworkTeacher(network, owns: true);
        _hashes[teacher] = NetworkFiles.WeightsHash(folder);
        _trained.Add(teacher);
        return teacher;
    }

    public override string HashOf(ITeacher teacher) => _hashes.TryGetValue(teacher, out var hash) ? hash
        : ReferenceEquals(teacher, Teacher) ? context.Teachers.HashOf(job.Teacher!)
        : teacher.Fingerprint();

    public override Batch BatchAt(IDataSplit split, long step)
    {
        var sampler = new Sampler(split, BatchSize, _config.Seed);
        var (positions, pass) = sampler.At(step);
        var batch = new HostBatch();
        split.Load(positions, new View(_config.Seed, pass), batch);
        return batch.ToBatch(Device, new(_config.Seed, StreamKey.Method, step));
    }

    public override void Loop(LoopRequest request)
    {
        Request(_loops, "loops", request.Name);
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
        _steps += request.Steps;
        if (request.TrainsNetwork) _unsavedSteps += request.Steps;
    }

    public override void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null)
    {
        var folder = Path.Combine(_config.Folder, name);
        Request(_networks, "networks", name);
        var steps = _unsavedSteps;
        _unsavedSteps = 0;
        Directory.CreateDirectory(folder);
        if (SavedNetwork.IsIn(folder)) return;

        network.eval();
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.Weights), network.state_dict());
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.LastWeights), network.state_dict());
        validation ??= Evaluator.Predict(network, Data.Validation, Task.Output, Device);
        List<(string, Predictions)> predictions = [("validation", validation)];
        if (!job.IsTrial) predictions.Add(("test", test ?? Evaluator.Predict(network, Data.Test, Task.Output, Device)));
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), predictions);
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.LastEpochName), predictions);
        var log = new MetricsLog(folder, events: null);
        log.Begin(0);
        log.Add(new()
        {
            Epoch = 1,
            Step = steps,
            Validation = Task.EvaluateEpoch(validation, _config.TeacherValidation),
        });
        var config = _config with { Part = $"{_config.Part}/{name}", Folder = folder, Steps = steps };
        var stage = new NetworkTraining(model ?? training.Model, training.Method, config);
        var result = new TrainingResult(network, new Dictionary<string, Tensor>(), steps);
        NetworkFiles.WriteConfig(folder, trainer.Describe(stage, "stage", null, result));
    }

    public override void MeasureTerms(DistillationLoss loss, Network student, Func<Batch, Outputs> teacher) =>
        StudentTerms.For(job, context)?
            .Of(loss, student, Recipe.Write(training.Model.Architecture()), (batch, _) => teacher(batch))
            .Write(_config.Folder);

    public override void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors) =>
        SafeTensors.Write(PathOf(artifact), tensors, new Dictionary<string, string>
        {
            ["kind"] = artifact.Kind.ToString().ToLowerInvariant(),
        });

    public override IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact) =>
        File.Exists(PathOf(artifact)) ? SafeTensors.Read(PathOf(artifact)) : null;

    public override string PathOf(Artifact artifact)
    {
        if (!artifacts.Contains(artifact)) throw new InvalidOperationException(
            $"{MethodName} saves the artifact \"{artifact.Name}\" ({artifact.Kind}), which its Artifacts do not list.");

        Directory.CreateDirectory(_config.Folder);
        return Path.Combine(_config.Folder, artifact.Name);
    }

    /// <summary>
    /// Checks, after the procedure has run, that it saved what it lists, and that it requested everything of which the
    /// folder has a checkpoint or a network: what it leaves out after a stop would be missing from its steps.
    /// </summary>
    public void CheckResult()
    {
        var missing = artifacts.FirstOrDefault(
            artifact => !File.Exists(PathOf(artifact)) && !Directory.Exists(PathOf(artifact)));
        if (missing is not null) throw new InvalidOperationException(
            $"{MethodName} lists the artifact \"{missing.Name}\" ({missing.Kind}) and did not save it.");

        var left = Directory.EnumerateDirectories(_config.Folder)
            .Where(folder => File.Exists(Path.Combine(folder, Checkpoint.FileName)) || SavedNetwork.IsIn(folder))
            .Select(folder => Path.GetFileName(folder))
            .FirstOrDefault(name => !_loops.Contains(name) && !_networks.Contains(name));
        if (left is not null) throw new InvalidOperationException(
            $"{MethodName} requested \"{left}\" before it was stopped, and not again: "
            + "a procedure requests the same networks and loops each time, also those that are done.");
    }

    /// <summary>The steps of trainings and loops that none of these stages counts; null for none.</summary>
    public long? OtherSteps(IEnumerable<Stage> stages)
    {
        var folders = stages.Select(stage => Path.Combine(_config.Folder, stage.Part));
        var other = _steps - folders.Sum(folder => NetworkFiles.ReadConfig(folder).Steps);
        return other == 0 ? null : other;
    }

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

    string MethodName => $"The method {Recipe.Write(training.Method!)["name"]}";

    void Request(HashSet<string> names, string what, string name)
    {
        if (!names.Add(name)) throw new InvalidOperationException(
            $"{MethodName} requests two {what} with the name \"{name}\": each needs a name of its own.");
    }

    Network Initialized(ModelOptions model, IReadOnlyDictionary<string, Tensor>? weights)
    {
        var network = model.Build(Data.Info);           // of its options, with frozen layers too
        if (weights is not null) Checkpoint.Load(network.state_dict(), weights, "the initial weights");
        return network;
    }

    // FNV-1a: the same in every process
    static int HashOf(string name) =>
        (int)(name.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u) & 0x7fffffff);
}
