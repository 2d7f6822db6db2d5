using Retort.Recipes;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Carries out parts of a run in this process, one after another: each ends with its folder complete.</summary>
sealed class Worker(string run, RunInfo card, Recipe whole, Dataset opened, IProgress<TrainingProgress>? progress, TimeProvider clock)
    : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);          // for a child of a killed parent that is about to end
    readonly Device _device = new(card.Device);
    TunedRates? _rates;
    ITeacher? _teacher;
    CachedTeacher? _cache;
    string? _teacherHash;
    CancellationToken _stop;                                               // of the part at hand
    (Recipe Recipe, Dataset Data, Part? Teacher)? _settled;                // for it, by a search

    Recipe Own => _settled?.Recipe ?? whole;

    /// <summary>The task on the run's data.</summary>
    public LearningTask Task => field ??= whole.TaskOn(opened.Info);

    /// <summary>The teacher's predictions on validation; null without a teacher that is done.</summary>
    public Predictions? TeacherValidation() => TeacherPart is { } teacher && File.Exists(Path.Combine(teacher.In(run), PredictionsFile.Name))
        ? PredictionsFile.Read(Path.Combine(teacher.In(run), PredictionsFile.Name), "validation") : null;

    Dataset Data => _settled?.Data ?? opened;

    Part? TeacherPart => _settled is { } settled ? settled.Teacher : Part.Teacher(whole) is [var only] ? only : null;   // whose folder has the teacher

    /// <summary>Does the part, or goes on with it, and leaves weights, predictions and card; done before, it does nothing.</summary>
    public void Carry(Part part, CancellationToken token)
    {
        var folder = part.In(run);
        using var alone = FolderLock.Take(folder, Patience, leave: false);
        if (part.IsDone(run)) return;
        _stop = token;
        Settle(part);
        if (part.Trial is not null && File.Exists(Path.Combine(folder, "config.json")))   // it had come to its end, or to none
        {
            Mark(part, steps: 0);
            return;
        }
        set_num_threads(part.Role == "teacher" ? card.TeacherThreads : card.Threads);
        if (part.Role == "teacher" && Own.TeacherItself is PretrainedTeacherOptions) Ask(part, token);
        else if (part is { Role: "teacher", Trial: null } && whole.Search is not null && Search.ChosenTeacher(whole, run) is { } chosen) Adopt(part, chosen, token);
        else Train(part, token);
    }

    /// <summary>Measures how long a network that is done takes for one example, unless that is known or it is no network of ours.</summary>
    public void Time(Part part)
    {
        var path = Path.Combine(part.In(run), "latency.json");
        if (File.Exists(path)) return;
        Settle(part);
        if (part.Role == "teacher" && Own.TeacherItself is PretrainedTeacherOptions given)
        {
            if (TeacherCard().Parameters is null) return;
            using var teacher = given.Open(Data.Info, CPU);
            if (teacher is NetworkTeacher frozen) Write(frozen.Network);
            return;
        }
        using var network = Loaded(part);
        Write(network);

        void Write(Network timed) =>
            AtomicFile.Write(path, JsonSerializer.Serialize(Latency.Of(timed, Task.Output, Data.Validation, clock), Json.Line) + "\n");
    }

    /// <summary>
    /// Keeps the teacher's answers where the recipe says so: those that are missing are asked for, some of the others are
    /// held against the teacher.
    /// </summary>
    /// <param name="share">Which writer this is of how many.</param>
    /// <param name="token">Gives up the shard at hand; the others are kept.</param>
    public FilledCache? Cache((int, int) share, CancellationToken token)
    {
        if (Own.Teacher is not CachedTeacherOptions cached) return null;
        // another number of threads changes the last bits: where they are kept, they must be those the students would have had
        set_num_threads(cached.Codec is Float32Options ? card.Threads : card.TeacherThreads);
        _stop = token;
        var teacher = Teacher();
        return new TeacherCache(run, whole, Data, progress, clock).Fill(teacher, Wanted(teacher), _device, share, token);
    }

    public void Dispose()
    {
        _cache?.Dispose();
        _teacher?.Dispose();
    }

    /// <summary>Opens anew what a search lets this part have otherwise than the part before: its data, its teacher.</summary>
    void Settle(Part part)
    {
        if (whole.Search is null) return;
        var (recipe, teacher) = (Search.Settled(whole, run, part), Search.TeacherOf(whole, part));
        var data = Same(recipe.Data, Own.Data) ? Data : Same(recipe.Data, whole.Data) ? opened : recipe.Data.Open();
        if (teacher != TeacherPart)
        {
            _teacher?.Dispose();
            (_teacher, _teacherHash) = (null, null);
        }
        _settled = (recipe, data, teacher);

        static bool Same(DataOptions one, DataOptions other) => JsonNode.DeepEquals(Recipe.Write(one), Recipe.Write(other));
    }

    sealed record Planned(Part Part, ModelOptions Model, MethodOptions Method, TrainerConfig Job);

    void Train(Part part, CancellationToken token)
    {
        if (part.Role == "student" && TeacherPart is { Trial: not null } taught && HasDiverged(taught))
        {
            GiveUp(part, Plan(part, null), "The loss of its teacher stopped being a number.");
            return;
        }
        var plan = Plan(part, part.Role == "student" && Own.Teacher is not null ? Lessons() : null);
        var (steps, ends) = (0L, plan.Job.Until is null);
        try
        {
            if (plan.Method is ProcedureOptions procedure) CarryOut(procedure.Build(), plan, token);
            else steps = Train(plan, plan.Job, part.Role, plan.Job.Teacher is null ? null : TeacherHash(), token);
        }
        catch (DivergedException error) when (part.IsTrial)
        {
            GiveUp(part, plan, error.Message);
            return;
        }
        if (ends) File.Delete(Path.Combine(plan.Job.Folder, "checkpoint.safetensors"));
        if (part.Trial is not null && part.Role != "teacher") Mark(part, steps);
    }

    /// <summary>The end of a trial that comes to none.</summary>
    void GiveUp(Part part, Planned plan, string why)
    {
        using var network = Built(plan.Model);
        WriteCard(part, Card(plan, plan.Job, part.Role, null, new TrainingResult(network, new Dictionary<string, Tensor>(), 0)) with { Diverged = why });
        File.Delete(Path.Combine(plan.Job.Folder, "checkpoint.safetensors"));
        if (part.Trial is not null && part.Role != "teacher") Mark(part, steps: 0);
    }

    bool HasDiverged(Part part) => SavedNetwork.IsIn(part.In(run)) && SavedNetwork.Read(Path.Combine(part.In(run), "config.json")).Diverged is not null;

    /// <summary>The end of a trial's rung.</summary>
    void Mark(Part part, long steps) =>
        (HasDiverged(part) ? RungMark.Diverged : RungMark.Of(part.In(run), part.Epochs, Own.Training.SelectWeights, Task, steps)).Write(part.MarkIn(run));

    /// <summary>Trains one network and leaves its folder whole, the card written last; or as far as the job goes, and leaves its checkpoint.</summary>
    /// <returns>The steps taken here.</returns>
    long Train(Planned plan, TrainerConfig job, string role, string? teacherHash, CancellationToken token)
    {
        var before = job.Teacher?.Fingerprint();
        using var trainer = new Trainer(job);
        var trained = trainer.Run(token);
        if (job.Teacher?.Fingerprint() is var after && after != before) throw new InvalidOperationException(
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
        using var bench = new ProcedureContext(plan.Job, (job, method) =>
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
        foreach (var file in Directory.EnumerateFiles(last).Where(file => Path.GetFileName(file) is not ("config.json" or "checkpoint.safetensors") && Path.GetExtension(file) != ".draft"))
            AtomicFile.Copy(file, Path.Combine(plan.Job.Folder, Path.GetFileName(file)));
        WriteCard(plan.Part, card with { Part = plan.Part.Name, Role = plan.Part.Role, Seed = plan.Part.Seed, TeacherHash = null, Stages = stages });
    }

    /// <summary>The teacher that a search has trained and found best becomes the run's; now it is asked about the test part too.</summary>
    void Adopt(Part part, Part chosen, CancellationToken token)
    {
        var (from, to) = (chosen.In(run), part.In(run));
        foreach (var file in (string[])["metrics.jsonl", "last.safetensors", "model.safetensors"])
            AtomicFile.Copy(Path.Combine(from, file), Path.Combine(to, file));
        foreach (var (weights, answers) in ((string, string)[])[("last.safetensors", "predictions-last.safetensors"), ("model.safetensors", "predictions.safetensors")])
        {
            token.ThrowIfCancellationRequested();
            using var network = Loaded(to, ((TrainedTeacherOptions)Own.TeacherItself!).Network, weights);
            network.to(_device).ToMemoryFormat(network.PreferredFormat);
            PredictionsFile.Write(Path.Combine(to, answers), Answers(part, network));
        }
        WriteCard(part, SavedNetwork.Read(Path.Combine(from, "config.json")) with { Part = part.Name });
    }

    /// <summary>A teacher that is given is asked what a trained one would be, and leaves the same files but weights.</summary>
    void Ask(Part part, CancellationToken token)
    {
        var (teacher, folder) = (Teacher(), part.In(run));
        var hash = teacher.Fingerprint();
        PredictionsFile.Write(Path.Combine(folder, "predictions.safetensors"),
            ("validation", Evaluator.Predict(teacher, Data.Validation, Task.Output, _device, token)), ("test", Evaluator.Predict(teacher, Data.Test, Task.Output, _device, token)));
        if (teacher.Fingerprint() is var after && after != hash) throw new InvalidOperationException(
            $"The teacher changed while it was asked: its hash was {hash} and is {after}.");
        var cost = NetworkProbe.Cost(teacher, Task, Data.Validation, _device);
        WriteCard(part, new NetworkConfig
        {
            Part = part.Name, Role = part.Role, Network = Named(card.Recipe["teacher"])?.DeepClone() ?? Recipe.Write<TeacherOptions>(Own.TeacherItself!),
            Data = Data.Info, Task = whole.Task is null ? null : Recipe.Write(whole.Task), Method = null, Training = null, Seed = part.Seed, Steps = 0, BestStep = 0, GivenHash = hash, DataHash = card.DataHash,
            Parameters = cost?.Parameters, Bytes = cost?.Bytes, MultiplyAdds = cost?.MultiplyAdds, ActivationBytes = cost?.ActivationBytes,
        });
    }

    JsonNode? Named(JsonNode? teacher) => Own.Teacher is CachedTeacherOptions ? teacher?["teacher"] : teacher;

    /// <summary>What a part is: a function of recipe, found rates and its name, the same in every process.</summary>
    Planned Plan(Part part, ITeacher? teacher)
    {
        var trained = Own.TeacherItself as TrainedTeacherOptions;
        var (model, method, training, examples, measure) = part.Role switch
        {
            "teacher" => (trained!.Network, new LabelsOnlyOptions(), trained.Training, Data.TeacherTraining, Data.TeacherTraining),
            "control" => (Own.Student, new LabelsOnlyOptions(), Rated(part), Data.Labelled, Data.Training),
            _ => (Own.Student, Own.Method, Rated(part), Own.Teacher is null ? Data.Labelled : Data.Training, Data.Training),
        };
        var perEpoch = new Sampler(measure.Count, training.BatchSize, 0).StepsPerEpoch;
        var job = new TrainerConfig
        {
            Part = part.Name, Folder = part.In(run), Task = Task, TeacherValidation = TeacherValidation(), Validation = Data.Validation, Seed = part.Seed, RecipeHash = card.RecipeHash,
            Device = _device, Progress = progress, Clock = clock, Build = () => model.Build(Data.Info),
            Until = part.Trial is null || part.Role == "teacher" || part.Epochs >= training.Epochs ? null : perEpoch * part.Epochs,
            Teacher = teacher, Data = examples, Options = training, Steps = perEpoch * training.Epochs, StepsPerEpoch = perEpoch,
            Method = _ => throw new InvalidOperationException("A procedure says by which loss each of its networks learns."),
        };
        return new(part, model, method, method is not LossOptions loss ? job : job with { Method = student => Made(loss, student, job) });
    }

    /// <summary>What the recipe's method asks of a teacher, and all that a search tries.</summary>
    OutputSet Wanted(ITeacher teacher)
    {
        IEnumerable<Recipe> tried = whole.Search is null ? [whole] : new SearchPlan(whole).Methods;
        return tried.Aggregate(OutputSet.None, (wanted, one) => wanted | Of(one));

        OutputSet Of(Recipe one)
        {
            using var scope = NewDisposeScope();
            using var student = Built(one.Student);
            student.to(_device);
            using var method = Made((LossOptions)one.Method, student, Plan(new("student", Seed: 1, one.Training.LearningRate), teacher).Job);
            return method.Requires.Teacher;
        }
    }

    TrainingOptions Rated(Part part) =>
        (part.Rate ?? ChosenRate(part.Role)) is { } rate ? Own.Training with { LearningRate = rate } : Own.Training;

    double? ChosenRate(string role)
    {
        if (Own.Tuning is null) return null;
        _rates ??= JsonFile.Read<TuningTable>(Path.Combine(run, "tuning.json"), "the search of the learning rate").Chosen;
        return role == "control" ? _rates.Control : _rates.Student;
    }

    DistillationLoss Made(LossOptions options, Network student, TrainerConfig job) => Checked(options.Build(Facts(student, job)), options, student, job.Teacher);

    MethodContext Facts(Network student, TrainerConfig job) => new()
    {
        Task = Task, Data = Data.Info, Examples = job.Data.Count, BatchSize = job.Options.BatchSize, Steps = checked((int)job.Steps),
        Teacher = job.Teacher is null ? null : NetworkProbe.Shapes(job.Teacher, job.Data, _device),
        Student = NetworkProbe.Shapes(student, job.Data, _device),
    };

    static DistillationLoss Checked(DistillationLoss method, MethodOptions options, Network student, ITeacher? teacher)
    {
        Check(method.Requires.Teacher, teacher?.AvailableOutputs ?? OutputSet.None, teacher is null ? "the recipe has no teacher" : "the teacher does not offer it");
        Check(method.Requires.Student | method.Requires.Ema, student.AvailableOutputs, "the student does not offer it");
        return method;

        void Check(OutputSet needed, OutputSet offered, string but)
        {
            if (needed.Except(offered) is { IsEmpty: false } missing) throw new InvalidOperationException(
                $"The method {Recipe.Write(options)["name"]} needs {missing}, and {but}.");
        }
    }

    /// <summary>Who a student asks: the teacher, or the cache of its answers.</summary>
    ITeacher Lessons() => Own.Teacher is not CachedTeacherOptions cached ? Teacher() : _cache ??= TeacherCache.Open(run, cached, _device);

    ITeacher Teacher() => _teacher ??= Own.TeacherItself is PretrainedTeacherOptions given ? Given(given) : Frozen(Loaded(TeacherPart!));

    NetworkTeacher Frozen(Network network)
    {
        network.to(_device).ToMemoryFormat(network.PreferredFormat);
        return new(network, owns: true);
    }

    /// <summary>Opened and tried on a few examples; once it has its card it must be the teacher of the card.</summary>
    ITeacher Given(PretrainedTeacherOptions given)
    {
        var teacher = given.Open(Data.Info, _device, _stop);
        try
        {
            NetworkProbe.Check(teacher, Task, Data.Validation, _device);
            if (TeacherPart!.IsDone(run) && TeacherCard().GivenHash is var noted && teacher.Fingerprint() is var found && found != noted)
                throw new InvalidOperationException($"The teacher is not the one that this run began with: its hash was {noted} and is {found} now.");
            return teacher;
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }

    NetworkConfig TeacherCard() => SavedNetwork.Read(Path.Combine(TeacherPart!.In(run), "config.json"));

    string TeacherHash()
    {
        if (_teacherHash is not null) return _teacherHash;
        if (Own.TeacherItself is PretrainedTeacherOptions)
            return _teacherHash = Own.Teacher is CachedTeacherOptions ? TeacherCard().GivenHash! : Teacher().Fingerprint();
        return _teacherHash = HashOf(TeacherPart!.In(run));
    }

    static string HashOf(string folder)
    {
        using var file = File.OpenRead(Path.Combine(folder, "model.safetensors"));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    Network Loaded(Part part) =>
        Loaded(part.In(run), part.Role == "teacher" ? ((TrainedTeacherOptions)Own.TeacherItself!).Network : Own.Student);

    Network Loaded(string folder, ModelOptions model, string weights = "model.safetensors")
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder, weights);
        var network = Built(model);
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        return network;
    }

    Network Built(ModelOptions model) => ModuleFactory.Create(() => model.Build(Data.Info));

    void Keep(Part part, string folder, TrainingResult trained)
    {
        var network = trained.Network;
        SafeTensors.Write(Path.Combine(folder, "last.safetensors"), network.state_dict());
        PredictionsFile.Write(Path.Combine(folder, "predictions-last.safetensors"), Answers(part, network));
        Checkpoint.Load(network.state_dict(), trained.Best, "the best weights");
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        PredictionsFile.Write(Path.Combine(folder, "predictions.safetensors"), Answers(part, network));
        // where no one teaches, how sure a network is of what it learned from is part of the answer
        if (whole is { Teacher: null, HasControl: true } && !part.IsTrial) PredictionsFile.Write(
            Path.Combine(folder, PredictionsFile.TrainingName), ("training", Evaluator.Predict(network, Data.Labelled, Task.Output, _device)));
    }

    /// <summary>A trial is asked about validation alone: no figure of the test part comes into being in a search.</summary>
    IReadOnlyList<(string, Predictions)> Answers(Part part, Network network) => part.IsTrial
        ? [("validation", Evaluator.Predict(network, Data.Validation, Task.Output, _device))]
        : [("validation", Evaluator.Predict(network, Data.Validation, Task.Output, _device)), ("test", Evaluator.Predict(network, Data.Test, Task.Output, _device))];

    NetworkConfig Card(Planned plan, TrainerConfig job, string role, string? teacherHash, TrainingResult trained)
    {
        var cost = NetworkProbe.Cost(trained.Network, Task, Data.Validation, _device);
        return new()
        {
            Part = job.Part, Role = role, Network = Recipe.Write(plan.Model), Data = Data.Info, Task = whole.Task is null ? null : Recipe.Write(whole.Task),
            Augmentation = Recipe.Write(Own.Data)["augmentation"]?.DeepClone(), Method = Recipe.Write(plan.Method),
            Training = Recipe.Write(job.Options), Seed = job.Seed, Steps = job.Steps, BestStep = trained.BestStep,
            DataHash = card.DataHash, TeacherHash = teacherHash,
            Parameters = cost.Parameters, Bytes = cost.Bytes, MultiplyAdds = cost.MultiplyAdds, ActivationBytes = cost.ActivationBytes,
        };
    }

    void WriteCard(Part part, NetworkConfig written) => WriteCard(part.In(run), written);

    static void WriteCard(string folder, NetworkConfig written) =>
        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(written, Json.Indented) + "\n");
}
