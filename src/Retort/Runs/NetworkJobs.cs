using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Trains networks of a run and writes their folders: weights, predictions, and <c>config.json</c> last.</summary>
sealed class NetworkJobs(string run, RunInfo info, Recipe recipe, Dataset data, LearningTask task, TeacherSource teachers,
    IProgress<TrainingProgress>? progress, TimeProvider clock, CancellationToken token)
{
    readonly Device _device = teachers.Device;

    /// <summary>Whether predictions on the labelled training examples are kept.</summary>
    public required bool KeepsTrainingPredictions { get; init; }

    /// <summary>The recipe's task as it is written; null where the data's targets decide.</summary>
    public required JsonNode? TaskNode { get; init; }

    /// <summary>A network with the weights of a folder, in eval mode.</summary>
    public static Network Load(string folder, ModelOptions model, DatasetInfo info, string weights = "model.safetensors")
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, weights);
        var network = ModuleFactory.Create(() => model.Build(info));
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        network.eval();
        return network;
    }

    /// <summary>Trains a network, or goes on with it.</summary>
    public void Train(NetworkJob job)
    {
        var folder = Path.Combine(run, job.Folder);
        var training = TrainingOf(job);
        if (job.IsTrial && SavedNetwork.IsIn(folder))
        {
            Mark(job, steps: 0);                    // it came to its end, or diverged, in an earlier rung
            return;
        }
        if (job.Teacher is { } teacher && teacher != "teacher" && teachers.HasDiverged(teacher))
        {
            GiveUp(job, training, "The loss of its teacher stopped being finite.");
            return;
        }
        try
        {
            var steps = training.Method is ProcedureOptions procedure ? RunProcedure(job, training, procedure.Build())
                : TrainOnce(job, training);
            if (training.Config.Until is null) File.Delete(Path.Combine(folder, Checkpoint.FileName));
            if (job.IsTrial && job.Role != Role.Teacher) Mark(job, steps);
        }
        catch (DivergedException error) when (job.IsTrial)
        {
            GiveUp(job, training, error.Message);
        }
    }

    /// <summary>A pretrained teacher leaves the same files as a trained one, but weights.</summary>
    public void Ask(NetworkJob job)
    {
        var folder = Path.Combine(run, job.Folder);
        var teacher = teachers.Open(job.Name, recipe, data, token);
        var fingerprint = teacher.Fingerprint();
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name),
            ("validation", Evaluator.Predict(teacher, data.Validation, task.Output, _device, token)),
            ("test", Evaluator.Predict(teacher, data.Test, task.Output, _device, token)));
        if (teacher.Fingerprint() is var after && after != fingerprint) throw new InvalidOperationException(
            $"The teacher changed while it was asked: its hash was {fingerprint} and is {after}.");
        var cost = NetworkProbe.Cost(teacher, task, data.Validation, _device);
        var named = recipe.Teacher is CachedTeacherOptions ? info.Recipe["teacher"]?["teacher"] : info.Recipe["teacher"];
        Write(folder, new()
        {
            Part = job.Name, Role = "teacher", Network = named?.DeepClone() ?? Recipe.Write(recipe.TeacherItself!),
            Data = data.Info, Task = TaskNode?.DeepClone(), Method = null, Training = null, Seed = job.Seed, Steps = 0,
            BestStep = 0, GivenHash = fingerprint, DataHash = info.DataHash, Parameters = cost?.Parameters,
            Bytes = cost?.Bytes, MultiplyAdds = cost?.MultiplyAdds, ActivationBytes = cost?.ActivationBytes,
        });
    }

    /// <summary>A search's best teacher becomes the run's; now it is also asked for predictions on the test split.</summary>
    public void Adopt(AdoptTeacherJob job, NetworkJob chosen)
    {
        var (from, to) = (Path.Combine(run, chosen.Folder), Path.Combine(run, job.Folder));
        foreach (var file in (string[])["metrics.jsonl", "last.safetensors", "model.safetensors"])
            AtomicFile.Copy(Path.Combine(from, file), Path.Combine(to, file));
        var model = ((TrainedTeacherOptions)recipe.TeacherItself!).Network;
        foreach (var (weights, predictions) in ((string, string)[])
            [("last.safetensors", PredictionsFile.LastEpochName), ("model.safetensors", PredictionsFile.Name)])
        {
            token.ThrowIfCancellationRequested();
            using var network = Load(to, model, data.Info.ForTeacher, weights);
            network.to(_device).ToMemoryFormat(network.PreferredFormat);
            PredictionsFile.Write(Path.Combine(to, predictions), Predictions(network, Role.Teacher, isTrial: false));
        }
        Write(to, SavedNetwork.Read(Path.Combine(from, "config.json")) with { Part = job.Name });
    }

    /// <summary>The outputs of the teacher that any of these methods needs.</summary>
    public OutputSet RequiredOfTeacher(ITeacher teacher, IEnumerable<Recipe> recipes)
    {
        var required = OutputSet.None;
        foreach (var one in recipes)
        {
            if (one.Method is ProcedureOptions procedure)
            {
                required |= procedure.Build().RequiredOfTeacher;
                continue;
            }
            using var scope = NewDisposeScope();
            using var student = ModuleFactory.Create(() => one.Student.Build(data.Info));
            student.to(_device);
            var context = ContextOf(student, teacher, data.Training, one.Training, steps: 1);
            using var method = ((LossOptions)one.Method).Build(context);
            required |= method.Requires.Teacher;
        }
        return required;
    }

    /// <summary>Trains a network by this configuration and writes its folder; returns the steps taken here.</summary>
    internal long Train(TrainerConfig config, Role role, bool isTrial, Func<TrainingResult, NetworkConfig> describe)
    {
        var before = config.Teacher?.Fingerprint();
        using var trainer = new Trainer(config);
        var trained = trainer.Run(token);
        if (config.Teacher?.Fingerprint() is var after && after != before) throw new InvalidOperationException(
            $"{config.Part}: the method changed the teacher, or something else did; it must stay as it is, and what was "
            + $"trained cannot be compared (its hash was {before} and is {after}).");
        if (config.Until is not null) return trained.Steps;

        Keep(config.Folder, trained, role, isTrial);
        Write(config.Folder, describe(trained));
        return trained.Steps;
    }

    /// <summary>What a network's <c>config.json</c> says.</summary>
    internal NetworkConfig Describe(TrainerConfig config, string role, ModelOptions model, MethodOptions? method,
        string? teacherHash, TrainingResult trained)
    {
        var cost = NetworkProbe.Cost(trained.Network, task, config.Validation, _device);
        return new()
        {
            Part = config.Part, Role = role, Network = Recipe.Write(model), Data = config.Validation.Info,
            Task = TaskNode?.DeepClone(), Augmentation = Recipe.Write(recipe.Data)["augmentation"]?.DeepClone(),
            Method = method is null ? null : Recipe.Write(method), Training = Recipe.Write(config.Options), Seed = config.Seed,
            Steps = config.Steps, BestStep = trained.BestStep, DataHash = info.DataHash, TeacherHash = teacherHash,
            Parameters = cost.Parameters, Bytes = cost.Bytes, MultiplyAdds = cost.MultiplyAdds,
            ActivationBytes = cost.ActivationBytes,
        };
    }

    /// <summary>Writes <c>config.json</c>: the network is done.</summary>
    internal static void Write(string folder, NetworkConfig config) => AtomicFile.Write(
        Path.Combine(folder, "config.json"), JsonSerializer.Serialize(config, Json.Indented) + "\n");

    /// <summary>The numbers that a loss may need, measured for this student and teacher.</summary>
    internal MethodContext ContextOf(
        Network student, ITeacher? teacher, IDataSplit split, TrainingOptions options, long steps) => new()
    {
        Task = task, Data = split.Info, Examples = split.Count, BatchSize = options.BatchSize, Steps = checked((int)steps),
        Teacher = teacher is null ? null : NetworkProbe.Shapes(teacher, split, _device),
        Student = NetworkProbe.Shapes(student, split, _device),
    };

    /// <summary>A loss whose required outputs are available.</summary>
    internal static DistillationLoss Checked(
        DistillationLoss method, MethodOptions options, Network student, ITeacher? teacher)
    {
        Check(method.Requires.Teacher, teacher?.AvailableOutputs ?? OutputSet.None,
            teacher is null ? "the recipe has no teacher" : "the teacher does not offer it");
        Check(method.Requires.Student | method.Requires.Ema, student.AvailableOutputs, "the student does not offer it");
        return method;

        void Check(OutputSet required, OutputSet available, string but)
        {
            if (required.Except(available) is { IsEmpty: false } missing)
                throw new InvalidOperationException($"The method {Recipe.Write(options)["name"]} needs {missing}, and {but}.");
        }
    }

    /// <summary>Predictions on validation and test; a trial is asked on validation alone.</summary>
    internal IReadOnlyList<(string, Predictions)> Predictions(Network network, Role role, bool isTrial)
    {
        var validation = ("validation", Predict(network, data.Validation, role));
        return isTrial ? [validation] : [validation, ("test", Predict(network, data.Test, role))];
    }

    Predictions Predict(Network network, IDataSplit split, Role role) =>
        Evaluator.Predict(network, SplitFor(role, split), task.Output, _device);

    static IDataSplit SplitFor(Role role, IDataSplit split) => role == Role.Teacher ? TeacherSplit.Of(split) : split;

    internal sealed record Training(ModelOptions Model, MethodOptions? Method, TrainerConfig Config);

    // what a job trains: a function of recipe, search results and job, the same in every process
    Training TrainingOf(NetworkJob job)
    {
        var trained = recipe.TeacherItself as TrainedTeacherOptions;
        var (model, method, options, split) = job.Role switch
        {
            Role.Teacher => (trained!.Network, Recipe.Supervised, trained.Training, data.TeacherTraining),
            Role.Control => (recipe.Student, ControlMethod(), recipe.Training, data.Labelled),
            _ => (recipe.Student, recipe.Method, recipe.Training, recipe.Teacher is null ? data.Labelled : data.Training),
        };
        var measure = job.Role == Role.Teacher ? data.TeacherTraining : data.Training;
        var perEpoch = new Sampler(measure.Count, options.BatchSize, 0).StepsPerEpoch;
        var info_ = SplitFor(job.Role, split).Info;
        var steps = method is null ? 0 : perEpoch * options.Epochs;
        var teacher = job is { Role: Role.Student, Teacher: not null } && !(job.Teacher != "teacher" && teachers.HasDiverged(job.Teacher))
            ? teachers.ForStudents(job.Teacher, recipe, data, token) : null;
        var config = new TrainerConfig
        {
            Part = job.Name.Split('@')[0], Folder = Path.Combine(run, job.Folder), Task = task,
            TeacherValidation = job.Role == Role.Teacher ? null : teachers.Validation(job.Teacher ?? ReportedTeacher),
            Validation = SplitFor(job.Role, data.Validation), Data = SplitFor(job.Role, split), Seed = job.Seed,
            RecipeHash = info.RecipeHash, Device = _device, Progress = progress, Clock = clock,
            Build = () => model.Build(info_), Teacher = teacher, Options = options, Steps = steps,
            StepsPerEpoch = perEpoch,
            Until = job is { IsTrial: true, Role: not Role.Teacher } && job.Epochs < options.Epochs
                ? perEpoch * job.Epochs : null,
            Method = _ => method is null ? new Untrained()
                : throw new InvalidOperationException("A procedure names the loss of each of its networks."),
        };
        return new(model, method, method is not LossOptions loss ? config : config with
        {
            Method = student => Checked(
                loss.Build(ContextOf(student, teacher, config.Data, options, steps)), method, student, teacher),
        });
    }

    string? ReportedTeacher => recipe.Teacher is null ? null : "teacher";

    // null: the data has no targets to train by
    MethodOptions? ControlMethod() =>
        recipe.Method is ProcedureOptions procedure && procedure.Build().Control is { } named ? named
            : task.HasTargets ? Recipe.Supervised : null;

    long TrainOnce(NetworkJob job, Training training) => Train(training.Config, job.Role, job.IsTrial, trained =>
        Describe(training.Config, job.Role.ToString().ToLowerInvariant(), training.Model, training.Method,
            training.Config.Teacher is null ? null : teachers.HashOf(job.Teacher!), trained));

    // each stage has a folder in the student's; the student's files are copies of the last stage's
    long RunProcedure(NetworkJob job, Training training, Procedure procedure)
    {
        using var context = new RunProcedureContext(
            this, data, task, training, job.IsTrial, teachers, clock, progress, token);
        var stages = procedure.Run(context).Stages;
        var folder = training.Config.Folder;
        var last = Path.Combine(folder, stages[^1].Part);
        var config = SavedNetwork.Read(Path.Combine(last, "config.json"));
        foreach (var file in Directory.EnumerateFiles(last))
            if (Path.GetFileName(file) is not ("config.json" or Checkpoint.FileName or "lock")
                && Path.GetExtension(file) != ".draft")
                AtomicFile.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Write(folder, config with
        {
            Part = job.Name, Role = job.Role.ToString().ToLowerInvariant(), Seed = job.Seed, Stages = stages,
            TeacherHash = job.Teacher is null || training.Config.Teacher is null ? null : teachers.HashOf(job.Teacher),
            Artifacts = procedure.Artifacts,
        });
        return 0;
    }

    void GiveUp(NetworkJob job, Training training, string why)
    {
        using var network = ModuleFactory.Create(training.Config.Build);
        var nothing = new TrainingResult(network, new Dictionary<string, Tensor>(), 0);
        var role = job.Role.ToString().ToLowerInvariant();
        Write(training.Config.Folder, Describe(training.Config, role, training.Model, training.Method, null, nothing) with
        {
            Diverged = why,
        });
        File.Delete(Path.Combine(training.Config.Folder, Checkpoint.FileName));
        if (job.Role != Role.Teacher) Mark(job, steps: 0);
    }

    void Mark(NetworkJob job, long steps)
    {
        var folder = Path.Combine(run, job.Folder);
        var diverged = SavedNetwork.IsIn(folder)
            && SavedNetwork.Read(Path.Combine(folder, "config.json")).Diverged is not null;
        var mark = diverged ? RungMark.Diverged
            : RungMark.Of(folder, job.Epochs, recipe.Training.SelectWeights, task, steps);
        mark.Write(Path.Combine(run, job.Manifest));
    }

    void Keep(string folder, TrainingResult trained, Role role, bool isTrial)
    {
        var network = trained.Network;
        SafeTensors.Write(Path.Combine(folder, "last.safetensors"), network.state_dict());
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.LastEpochName), Predictions(network, role, isTrial));
        Checkpoint.Load(network.state_dict(), trained.Best, "the best weights");
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), Predictions(network, role, isTrial));
        if (KeepsTrainingPredictions && !isTrial) PredictionsFile.Write(
            Path.Combine(folder, PredictionsFile.TrainingName), ("training", Predict(network, data.Labelled, role)));
    }
}
