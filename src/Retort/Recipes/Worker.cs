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
    CancellationToken _stop;                                               // of the part at hand

    /// <summary>Does the part, or goes on with it, and leaves weights, predictions and card; done before, it does nothing.</summary>
    public void Carry(Part part, CancellationToken token)
    {
        var folder = part.In(run);
        using var alone = FolderLock.Take(folder, Patience, leave: false);
        if (part.IsDone(run)) return;
        _stop = token;
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
        _stop = token;
        var teacher = Teacher();
        return new TeacherCache(run, recipe, data, progress, clock).Fill(teacher, Wanted(teacher), _device, share, token);
    }

    public void Dispose()
    {
        _cache?.Dispose();
        _teacher?.Dispose();
    }

    sealed record Planned(Part Part, ModelOptions Model, MethodOptions Method, TrainingJob Job);

    void Train(Part part, CancellationToken token)
    {
        var plan = Plan(part, part.Role == "student" && recipe.Teacher is not null ? Lessons() : null);
        var (steps, ends) = (0L, plan.Job.Until is null);
        try
        {
            if (plan.Method is ProcedureOptions procedure) CarryOut(procedure.Build(), plan, token);
            else steps = Train(plan, plan.Job, part.Role, plan.Job.Teacher is null ? null : TeacherHash(), token);
        }
        catch (DivergedException error) when (part.IsTrial)
        {
            using var network = Built(plan.Model);
            WriteCard(part, Card(plan, plan.Job, part.Role, null, new Trained(network, new Dictionary<string, Tensor>(), 0)) with { Diverged = error.Message });
            ends = true;
        }
        if (ends) File.Delete(Path.Combine(plan.Job.Folder, "checkpoint.safetensors"));
        if (part.Trial is not null) Mark(part, steps);
    }

    /// <summary>The end of a trial's rung.</summary>
    void Mark(Part part, long steps)
    {
        var diverged = SavedNetwork.IsIn(part.In(run)) && SavedNetwork.Read(Path.Combine(part.In(run), "config.json")).Diverged is not null;
        (diverged ? RungMark.Diverged : RungMark.Of(part.In(run), part.Epochs, steps)).Write(part.MarkIn(run));
    }

    /// <summary>Trains one network and leaves its folder whole, the card written last; or as far as the job goes, and leaves its checkpoint.</summary>
    /// <returns>The steps taken here.</returns>
    long Train(Planned plan, TrainingJob job, string role, string? teacherHash, CancellationToken token)
    {
        var before = job.Teacher?.Hash();
        using var trainer = new Trainer(job);
        var trained = trainer.Run(token);
        if (job.Teacher?.Hash() is var after && after != before) throw new InvalidOperationException(
            $"{job.Part}: the method changed the teacher, or something else did; it must stay as it is, and what was trained cannot be "
            + $"compared (its hash was {before} and is {after}).");
        if (job.Until is not null) return trained.Steps;
        Keep(plan.Part, job.Folder, trained);
        WriteCard(job.Folder, Card(plan, job, role, teacherHash, trained));
        return trained.Steps;
    }

    /// <summary>Each stage of a procedure has a folder in the student's; of the last one's files the student's are copies.</summary>
    void CarryOut(Procedure procedure, Planned plan, CancellationToken token)
    {
        var hashes = new Dictionary<ITeacher, string>(ReferenceEqualityComparer.Instance);
        using var bench = new Workbench(plan.Job, (job, method) =>
        {
            if (!SavedNetwork.IsIn(job.Folder))
            {
                Train(plan, job with { Method = student => Checked(method(Facts(student, job)), plan.Method, student, job.Teacher) },
                    "stage", job.Teacher is null ? null : hashes[job.Teacher], token);
                File.Delete(Path.Combine(job.Folder, "checkpoint.safetensors"));
            }
            var made = Frozen(Loaded(job.Folder, plan.Model));
            hashes[made] = HashOf(job.Folder);
            return made;
        });
        var stages = procedure.Run(bench).Stages;
        var last = Path.Combine(plan.Job.Folder, stages[^1].Part);
        var card = SavedNetwork.Read(Path.Combine(last, "config.json"));
        foreach (var file in Directory.EnumerateFiles(last).Where(file => Path.GetFileName(file) != "config.json"))
            WholeFile.Copy(file, Path.Combine(plan.Job.Folder, Path.GetFileName(file)));
        WriteCard(plan.Part, card with { Part = plan.Part.Name, Role = plan.Part.Role, Seed = plan.Part.Seed, TeacherHash = null, Stages = stages });
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
    Planned Plan(Part part, ITeacher? teacher)
    {
        var trained = recipe.TeacherItself as TrainedTeacherOptions;
        var own = Settled(part);
        var (model, method, training, examples, measure) = part.Role switch
        {
            "teacher" => (trained!.Network, new LabelsOnlyOptions(), trained.Training, data.TeacherTraining, data.TeacherTraining),
            "control" => (own.Student, new LabelsOnlyOptions(), Rated(own, part), data.Labelled, data.Training),
            _ => (own.Student, own.Method, Rated(own, part), recipe.Teacher is null ? data.Labelled : data.Training, data.Training),
        };
        var perEpoch = new Sampler(measure.Count, training.Batch, 0).StepsPerEpoch;
        var job = new TrainingJob
        {
            Part = part.Name, Folder = part.In(run), Validation = data.Validation, Seed = part.Seed, RecipeHash = card.RecipeHash,
            Device = _device, Progress = progress, Clock = clock, Build = () => model.Build(data.Facts),
            Until = part.Trial is null || part.Epochs >= training.Epochs ? null : perEpoch * part.Epochs,
            Teacher = teacher, Data = examples, Options = training, Steps = perEpoch * training.Epochs, StepsPerEpoch = perEpoch,
            Method = _ => throw new InvalidOperationException("A procedure says by which loss each of its networks learns."),
        };
        return new(part, model, method, method is not LossOptions loss ? job : job with { Method = student => Made(loss, student, job) });
    }

    /// <summary>What the recipe's method asks of a teacher.</summary>
    Signals Wanted(ITeacher teacher)
    {
        using var scope = NewDisposeScope();
        using var student = Built(recipe.Student);
        student.to(_device);
        using var method = Made((LossOptions)recipe.Method, student, Plan(new("student", Seed: 1, recipe.Training.LearningRate), teacher).Job);
        return method.Needs.Teacher;
    }

    /// <summary>The recipe as a search found it, or as its trial has it.</summary>
    Recipe Settled(Part part) => recipe.Search is null || part.Role == "teacher" || part is { Rate: not null } ? recipe : Search.Settled(recipe, run, part);

    TrainingOptions Rated(Recipe own, Part part)
    {
        if ((part.Rate ?? ChosenRate(part.Role)) is not { } rate) return own.Training;
        return own.Training with { LearningRate = rate };
    }

    double? ChosenRate(string role)
    {
        if (recipe.Tuning is null) return null;
        _rates ??= RunFile.Read<TuningTable>(Path.Combine(run, "tuning.json"), "the search of the learning rate").Chosen;
        return role == "control" ? _rates.Control : _rates.Student;
    }

    Distillation Made(LossOptions options, Network student, TrainingJob job) => Checked(options.Build(Facts(student, job)), options, student, job.Teacher);

    Facts Facts(Network student, TrainingJob job) => new()
    {
        Classes = data.Facts.Classes.Count, Examples = job.Data.Count, Batch = job.Options.Batch, Steps = checked((int)job.Steps),
        Teacher = job.Teacher is null ? null : Probe.Widths(job.Teacher.Teach, job.Teacher.Offers, job.Data, _device),
        Student = Probe.Widths(student, job.Data, _device),
    };

    static Distillation Checked(Distillation method, MethodOptions options, Network student, ITeacher? teacher)
    {
        Check(method.Needs.Teacher, teacher?.Offers ?? Signals.None, teacher is null ? "the recipe has no teacher" : "the teacher does not offer it");
        Check(method.Needs.Student | method.Needs.Average, student.Offers, "the student does not offer it");
        return method;

        void Check(Signals needed, Signals offered, string but)
        {
            if ((needed & ~offered) is not Signals.None and var missing) throw new InvalidOperationException(
                $"The method {Recipe.Write(options)["name"]} needs {missing}, and {but}.");
        }
    }

    /// <summary>Who a student asks: the teacher, or the cache of its answers.</summary>
    ITeacher Lessons() => recipe.Teacher is not CachedTeacherOptions cached ? Teacher() : _cache ??= TeacherCache.Open(run, cached, _device);

    ITeacher Teacher() => _teacher ??= recipe.TeacherItself is GivenTeacherOptions given ? Given(given) : Frozen(Loaded(Part.Teacher(recipe)[0]));

    FrozenNetwork Frozen(Network network)
    {
        network.to(_device).Lay(network.Format);
        return new(network, owns: true);
    }

    /// <summary>Opened and tried on a few examples; once it has its card it must be the teacher of the card.</summary>
    ITeacher Given(GivenTeacherOptions given)
    {
        var teacher = given.Open(data.Facts, _device, _stop);
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
        return _teacherHash = HashOf(Part.Teacher(recipe)[0].In(run));
    }

    static string HashOf(string folder)
    {
        using var file = File.OpenRead(Path.Combine(folder, "model.safetensors"));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    Network Loaded(Part part) =>
        Loaded(part.In(run), part.Role == "teacher" ? ((TrainedTeacherOptions)recipe.TeacherItself!).Network : Settled(part).Student);

    Network Loaded(string folder, ModelOptions model)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, "model.safetensors");
        var network = Built(model);
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        return network;
    }

    Network Built(ModelOptions model) => Ownership.Built(() => model.Build(data.Facts));

    void Keep(Part part, string folder, Trained trained)
    {
        var network = trained.Network;
        SafeTensors.Write(Path.Combine(folder, "last.safetensors"), network.state_dict());
        Predictions.Write(Path.Combine(folder, "predictions-last.safetensors"), Answers(part, network));
        Checkpoint.Load(network.state_dict(), trained.Best, "the best weights");
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        Predictions.Write(Path.Combine(folder, "predictions.safetensors"), Answers(part, network));
        // where no one teaches, how sure a network is of what it learned from is part of the answer
        if (recipe is { Teacher: null, HasControl: true } && !part.IsTrial) Predictions.Write(
            Path.Combine(folder, Predictions.TrainingFile), ("training", Predictions.Of(network, data.Labelled, _device)));
    }

    /// <summary>A trial is asked about validation alone: no figure of the test part comes into being in a search.</summary>
    IReadOnlyList<(string, Predictions)> Answers(Part part, Network network) => part.IsTrial
        ? [("validation", Predictions.Of(network, data.Validation, _device))]
        : [("validation", Predictions.Of(network, data.Validation, _device)), ("test", Predictions.Of(network, data.Test, _device))];

    NetworkCard Card(Planned plan, TrainingJob job, string role, string? teacherHash, Trained trained)
    {
        var cost = Probe.Cost(trained.Network, data.Validation, _device);
        return new()
        {
            Part = job.Part, Role = role, Network = Recipe.Write(plan.Model), Data = data.Facts,
            Augmentation = Recipe.Write(recipe.Data)["augmentation"]?.DeepClone(), Method = Recipe.Write(plan.Method),
            Training = Recipe.Write(job.Options), Seed = job.Seed, Steps = job.Steps, BestStep = trained.BestStep,
            DataHash = card.DataHash, TeacherHash = teacherHash,
            Parameters = cost.Parameters, Bytes = cost.Bytes, MultiplyAdds = cost.MultiplyAdds, ActivationBytes = cost.ActivationBytes,
        };
    }

    void WriteCard(Part part, NetworkCard written) => WriteCard(part.In(run), written);

    static void WriteCard(string folder, NetworkCard written) =>
        WholeFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(written, RunJson.Indented) + "\n");
}
