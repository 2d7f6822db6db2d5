using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Recipes.Searching;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Recipes;

/// <summary>Carries out parts of a run in this process, one after another: each ends with its folder complete.</summary>
sealed class Worker(string run, RunCard card, Recipe recipe, Dataset data, IProgress<TrainingProgress>? progress, TimeProvider clock)
    : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);          // for a child of a killed parent that is about to end
    readonly Device _device = new(card.Device);
    TunedRates? _rates;
    ITeacher? _teacher;
    CachedTeacher? _cache;
    string? _teacherHash;

    /// <summary>Does the part, or goes on with it, and leaves weights, predictions and card; done before, it does nothing.</summary>
    public void Carry(Part part, CancellationToken token)
    {
        var folder = part.In(run);
        using var alone = FolderLock.Take(folder, Patience, leave: false);
        if (part.IsDone(run)) return;
        if (part.Trial is not null && File.Exists(Path.Combine(folder, "config.json")))   // it had come to its end, or to none
        {
            Mark(part, steps: 0);
            return;
        }
        set_num_threads(part.Role == "teacher" ? card.TeacherThreads : card.Threads);
        if (part.Role == "teacher" && recipe.TeacherItself is GivenTeacherOptions) Ask(part, token);
        else Train(part, token);
    }

    /// <summary>Measures how long a network that is done takes for one example, unless that is known or it is no network of ours.</summary>
    public void Time(Part part)
    {
        var path = Path.Combine(part.In(run), "latency.json");
        if (File.Exists(path)) return;
        if (part.Role == "teacher" && recipe.TeacherItself is GivenTeacherOptions given)
        {
            if (TeacherCard().Parameters is null) return;
            using var opened = given.Open(data.Facts, CPU);
            if (opened is FrozenNetwork frozen) Write(frozen.Network);
            return;
        }
        using var network = Loaded(part);
        Write(network);

        void Write(Network timed) =>
            WholeFile.Write(path, JsonSerializer.Serialize(Latency.Of(timed, data.Validation, clock), RunJson.Line) + "\n");
    }

    /// <summary>
    /// Keeps the teacher's answers where the recipe says so: those that are missing are asked for, some of the others are
    /// held against the teacher.
    /// </summary>
    /// <param name="share">Which writer this is of how many.</param>
    /// <param name="token">Gives up the shard at hand; the others are kept.</param>
    public FilledCache? Cache((int, int) share, CancellationToken token)
    {
        if (recipe.Teacher is not CachedTeacherOptions cached) return null;
        // another number of threads changes the last bits: where they are kept, they must be those the students would have had
        set_num_threads(cached.Codec is Float32Options ? card.Threads : card.TeacherThreads);
        var teacher = Teacher();
        return new TeacherCache(run, recipe, data, progress, clock).Fill(teacher, Wanted(teacher), _device, share, token);
    }

    public void Dispose()
    {
        _cache?.Dispose();
        _teacher?.Dispose();
    }

    sealed record Planned(ModelOptions Model, LossOptions Method, ITeacher? Teacher, TrainingJob Job);

    void Train(Part part, CancellationToken token)
    {
        var folder = part.In(run);
        var plan = Plan(part);
        var teacher = plan.Teacher;
        var before = teacher?.Hash();
        var steps = 0L;
        using var trainer = new Trainer(plan.Job with
        {
            Part = part.Name, Folder = folder, Validation = data.Validation, Seed = part.Seed, RecipeHash = card.RecipeHash,
            Device = _device, Progress = progress, Clock = clock,
        });
        try
        {
            var trained = trainer.Run(token);
            if (teacher?.Hash() is var after && after != before) throw new InvalidOperationException(
                $"{part.Name}: the method changed the teacher, or something else did; it must stay as it is, and what was trained cannot be "
                + $"compared (its hash was {before} and is {after}).");
            if (plan.Job.Until < plan.Job.Steps)
            {
                Mark(part, trained.Steps);
                return;
            }
            Keep(part, plan, trained);
            steps = trained.Steps;
        }
        catch (DivergedException error) when (part.IsTrial)
        {
            WriteCard(part, plan, new Trained(Built(plan.Model), new Dictionary<string, Tensor>(), 0), error.Message);
        }
        File.Delete(Path.Combine(folder, "checkpoint.safetensors"));
        if (part.Trial is not null) Mark(part, steps);
    }

    /// <summary>The end of a trial's rung.</summary>
    void Mark(Part part, long steps)
    {
        var card = Path.Combine(part.In(run), "config.json");
        (File.Exists(card) && SavedNetwork.Read(card).Diverged is not null ? RungMark.Diverged : RungMark.Of(part.In(run), part.Epochs, steps)).Write(part.MarkIn(run));
    }

    /// <summary>A teacher that is given is asked what a trained one would be, and leaves the same files but weights.</summary>
    void Ask(Part part, CancellationToken token)
    {
        var (teacher, folder) = (Teacher(), part.In(run));
        var hash = teacher.Hash();
        Predictions.Write(Path.Combine(folder, "predictions.safetensors"),
            ("validation", Predictions.Of(teacher, data.Validation, _device, token: token)), ("test", Predictions.Of(teacher, data.Test, _device, token: token)));
        if (teacher.Hash() is var after && after != hash) throw new InvalidOperationException(
            $"The teacher changed while it was asked: its hash was {hash} and is {after}.");
        var cost = teacher is FrozenNetwork frozen ? Probe.Cost(frozen.Network, data.Validation, _device) : null;
        WriteCard(part, new NetworkCard
        {
            Part = part.Name, Role = part.Role, Network = Named(card.Recipe["teacher"])?.DeepClone() ?? Recipe.Write<TeacherOptions>(recipe.TeacherItself!),
            Data = data.Facts, Method = null, Training = null, Seed = part.Seed, Steps = 0, BestStep = 0, GivenHash = hash, DataHash = card.DataHash,
            Parameters = cost?.Parameters, Bytes = cost?.Bytes, MultiplyAdds = cost?.MultiplyAdds, ActivationBytes = cost?.ActivationBytes,
        });
    }

    JsonNode? Named(JsonNode? teacher) => recipe.Teacher is CachedTeacherOptions ? teacher?["teacher"] : teacher;

    /// <summary>What a part is: a function of recipe, found rates and its name, the same in every process.</summary>
    Planned Plan(Part part)
    {
        var trained = recipe.TeacherItself as TrainedTeacherOptions;
        var own = Settled(part);
        var (model, method, training, examples, measure) = part.Role switch
        {
            "teacher" => (trained!.Network, new LabelsOnlyOptions(), trained.Training, data.TeacherTraining, data.TeacherTraining),
            "control" => (own.Student, new LabelsOnlyOptions(), Rated(own, part), data.Labelled, data.Training),
            _ => (own.Student, Loss(own), Rated(own, part), recipe.Teacher is null ? data.Labelled : data.Training, data.Training),
        };
        var teacher = part.Role == "student" && recipe.Teacher is not null ? Lessons() : null;
        var perEpoch = new Sampler(measure.Count, training.Batch, 0).StepsPerEpoch;
        var steps = perEpoch * training.Epochs;
        return new(model, method, teacher, new()
        {
            Part = part.Name, Folder = run, Validation = data.Validation, Seed = part.Seed, RecipeHash = card.RecipeHash,
            Build = () => model.Build(data.Facts), Teacher = teacher, Data = examples, Options = training, Steps = steps, StepsPerEpoch = perEpoch,
            Until = part.Trial is null ? null : perEpoch * part.Epochs,
            Method = network => Made(method, network, teacher, examples, training.Batch, steps),
        });
    }

    /// <summary>What the recipe's method asks of a teacher.</summary>
    Signals Wanted(ITeacher teacher)
    {
        using var scope = NewDisposeScope();
        using var student = Built(recipe.Student);
        student.to(_device);
        var steps = new Sampler(data.Training.Count, recipe.Training.Batch, 0).StepsPerEpoch * recipe.Training.Epochs;
        using var method = Made(Loss(recipe), student, teacher, data.Training, recipe.Training.Batch, steps);
        return method.Needs.Teacher;
    }

    /// <summary>The recipe as a search found it, or as its trial has it.</summary>
    Recipe Settled(Part part) => recipe.Search is null || part.Role == "teacher" ? recipe : Search.Settled(recipe, run, part);

    static LossOptions Loss(Recipe recipe) => recipe.Method as LossOptions
        ?? throw new InvalidOperationException($"{recipe.Method.GetType().Name} is no loss: this run can carry out losses only.");

    TrainingOptions Rated(Recipe own, Part part)
    {
        if ((part.Rate ?? ChosenRate(part.Role)) is not { } rate) return own.Training;
        return own.Training with { LearningRate = rate };
    }

    double? ChosenRate(string role)
    {
        if (recipe.Tuning is null) return null;
        _rates ??= (JsonSerializer.Deserialize<TuningTable>(File.ReadAllText(Path.Combine(run, "tuning.json")), RunJson.Indented)
            ?? throw new InvalidDataException($"{Path.Combine(run, "tuning.json")} must hold the found rates; it is null.")).Chosen;
        return role == "control" ? _rates.Control : _rates.Student;
    }

    Distillation Made(LossOptions options, Network student, ITeacher? teacher, ITrainingData examples, int batch, long steps)
    {
        var method = options.Build(new()
        {
            Classes = data.Facts.Classes.Count, Examples = examples.Count, Batch = batch, Steps = checked((int)steps),
            Teacher = teacher is null ? null : Probe.Widths(teacher.Teach, teacher.Offers, examples, _device),
            Student = Probe.Widths(student, examples, _device),
        });
        Check(method.Needs.Teacher, teacher?.Offers ?? Signals.None, teacher is null ? "the recipe has no teacher" : "the teacher does not offer it");
        Check(method.Needs.Student, student.Offers, "the student does not offer it");
        return method;

        void Check(Signals needed, Signals offered, string but)
        {
            if ((needed & ~offered) is not Signals.None and var missing) throw new InvalidOperationException(
                $"The method {Recipe.Write<MethodOptions>(options)["name"]} needs {missing}, and {but}.");
        }
    }

    /// <summary>Who a student asks: the teacher, or the cache of its answers.</summary>
    ITeacher Lessons() => recipe.Teacher is not CachedTeacherOptions cached ? Teacher() : _cache ??= TeacherCache.Open(run, cached, _device);

    ITeacher Teacher() => _teacher ??= recipe.TeacherItself is GivenTeacherOptions given ? Given(given) : Trained();

    FrozenNetwork Trained()
    {
        var network = Loaded(Part.Teacher(recipe)[0]);
        network.to(_device).Lay(network.Format);
        return new(network, owns: true);
    }

    /// <summary>Opened and tried on a few examples; once it has its card it must be the teacher of the card.</summary>
    ITeacher Given(GivenTeacherOptions given)
    {
        var teacher = given.Open(data.Facts, _device);
        try
        {
            Probe.Check(teacher, data.Validation, _device);
            if (Part.Teacher(recipe)[0].IsDone(run) && TeacherCard().GivenHash is var noted && teacher.Hash() is var found && found != noted)
                throw new InvalidOperationException($"The teacher is not the one that this run began with: its hash was {noted} and is {found} now.");
            return teacher;
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }

    NetworkCard TeacherCard() => SavedNetwork.Read(Path.Combine(Part.Teacher(recipe)[0].In(run), "config.json"));

    string TeacherHash()
    {
        if (_teacherHash is not null) return _teacherHash;
        if (recipe.TeacherItself is GivenTeacherOptions)
            return _teacherHash = recipe.Teacher is CachedTeacherOptions ? TeacherCard().GivenHash! : Teacher().Hash();
        using var file = File.OpenRead(Path.Combine(run, "networks", "teacher", "model.safetensors"));
        return _teacherHash = Convert.ToHexStringLower(SHA256.HashData(file));
    }

    Network Loaded(Part part)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(part.In(run), "model.safetensors");
        var network = Built(part.Role == "teacher" ? ((TrainedTeacherOptions)recipe.TeacherItself!).Network : Settled(part).Student);
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        return network;
    }

    Network Built(ModelOptions model) => Ownership.Built(() => model.Build(data.Facts));

    void Keep(Part part, Planned plan, Trained trained)
    {
        var (network, folder) = (trained.Network, part.In(run));
        SafeTensors.Write(Path.Combine(folder, "last.safetensors"), network.state_dict());
        Predictions.Write(Path.Combine(folder, "predictions-last.safetensors"), Answers(part, network));
        Checkpoint.Load(network.state_dict(), trained.Best, "the best weights");
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        Predictions.Write(Path.Combine(folder, "predictions.safetensors"), Answers(part, network));
        WriteCard(part, plan, trained, diverged: null);
    }

    /// <summary>A trial is asked about validation alone: no figure of the test part comes into being in a search.</summary>
    IReadOnlyList<(string, Predictions)> Answers(Part part, Network network) => part.IsTrial
        ? [("validation", Predictions.Of(network, data.Validation, _device))]
        : [("validation", Predictions.Of(network, data.Validation, _device)), ("test", Predictions.Of(network, data.Test, _device))];

    void WriteCard(Part part, Planned plan, Trained trained, string? diverged)
    {
        var cost = Probe.Cost(trained.Network, data.Validation, _device);
        WriteCard(part, new NetworkCard
        {
            Part = part.Name, Role = part.Role, Network = Recipe.Write(plan.Model), Data = data.Facts,
            Augmentation = Recipe.Write(recipe.Data)["augmentation"]?.DeepClone(), Method = Recipe.Write<MethodOptions>(plan.Method),
            Training = Recipe.Write(plan.Job.Options), Seed = part.Seed, Steps = plan.Job.Steps, BestStep = trained.BestStep, Diverged = diverged,
            DataHash = card.DataHash, TeacherHash = plan.Teacher is null ? null : TeacherHash(),
            Parameters = cost.Parameters, Bytes = cost.Bytes, MultiplyAdds = cost.MultiplyAdds, ActivationBytes = cost.ActivationBytes,
        });
    }

    void WriteCard(Part part, NetworkCard written) =>
        WholeFile.Write(Path.Combine(part.In(run), "config.json"), JsonSerializer.Serialize(written, RunJson.Indented) + "\n");
}
