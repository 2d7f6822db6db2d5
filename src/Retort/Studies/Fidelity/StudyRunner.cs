using Retort.Report;
using System.Text.Json;
using Retort.Methods;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Trains networks of a study in this process, one after another; when one ends, its folder is complete.
/// </summary>
sealed class StudyRunner(
    string run, RunInfo card, FidelityRecipe recipe, FidelityPlan plan, StudyData data,
    IProgress<TrainingProgress>? progress, TimeProvider clock)
    : IJobRunner
{
    const int Looks = 10;                                                  // at validation, in a training

    /// <summary>A network's folder.</summary>
    public static string Folder(string run, string name) => Path.Combine(run, "networks", name);

    /// <summary>Whether nothing of it is left to do: its card is written last.</summary>
    public static bool IsDone(string run, string name) => File.Exists(Path.Combine(Folder(run, name), "config.json"));

    /// <summary>Whether its training is over and failed: its card says where and why.</summary>
    public static bool Failed(string run, string name)
    {
        if (!IsDone(run, name)) return false;
        var card = JsonFile.Read<NetworkConfig>(Path.Combine(Folder(run, name), "config.json"), "a network");
        return card.Diverged is not null;
    }

    /// <inheritdoc/>
    /// <remarks>A network whose loss stops being finite is done too: its <c>config.json</c> says so.</remarks>
    public void Run(Job job, CancellationToken token)
    {
        var name = job.Name;
        var (folder, trainee) = (Folder(run, name), plan[name]);
        try
        {
            if (trainee.Teachers.Select(FidelityPlan.Name).FirstOrDefault(teacher => Failed(run, teacher)) is { } lost)
                throw new DivergedException(
                    $"{name}: there is nobody to learn from, since the training of {lost} failed.");
            Train(folder, name, trainee, token);
        }
        catch (DivergedException error)
        {
            Write(folder, Card(name, trainee) with { Diverged = error.Message });
        }
    }

    /// <summary>
    /// Compares a student's control with the student's teacher on the student's distillation data, on the same batches.
    /// Does nothing where that is done already or a training failed.
    /// </summary>
    public void Hold(Planned planned)
    {
        if (File.Exists(BesideIn(run, planned)) || Failed(run, planned.Student) || Failed(run, planned.Control)) return;
        set_num_threads(1);
        var student = plan[planned.Student];
        using var teacher = Teacher(student);
        using var control = Loaded(plan[planned.Control]);
        control.eval();
        var measured = DistillationMeasures.Of(Showings(student), teacher, control, student.Temperature);
        AtomicFile.Write(BesideIn(run, planned), JsonSerializer.Serialize(measured, Json.Line) + "\n");
    }

    /// <summary>What came of it; null where it was not done.</summary>
    public static DistillationMeasures? Beside(string run, Planned planned) => File.Exists(BesideIn(run, planned))
        ? JsonFile.Read<DistillationMeasures>(
            BesideIn(run, planned), "what a control does on a student's distillation data")
        : null;

    static string BesideIn(string run, Planned planned) =>
        Path.Combine(Folder(run, planned.Student), $"{planned.Control}.json");

    void Train(string folder, string name, StudyNetwork trainee, CancellationToken token)
    {
        set_num_threads(1);
        using var teacher = trainee.Teachers.Count == 0 ? null : Teacher(trainee);
        var before = teacher?.Fingerprint();
        using var trainer = new Trainer(Job(name, folder, trainee, teacher));
        var trained = trainer.Run(token);
        if (teacher?.Fingerprint() is var after && after != before)
            throw new InvalidOperationException(
                $"{name}: the teacher changed while its student learned; it must stay as it is "
                + $"(its hash was {before} and is {after}).");
        Keep(folder, name, trainee, teacher, trained.Network);
        File.Delete(Path.Combine(folder, "checkpoint.safetensors"));
    }

    /// <summary>The teachers of a student, as one.</summary>
    public ITeacher Teacher(StudyNetwork student)
    {
        List<ITeacher> members = [.. student.Teachers.Select(member => new NetworkTeacher(Loaded(member), owns: true))];
        return members.Count == 1 ? members[0] : new EnsembleTeacher(members);
    }

    /// <summary>A network as its training left it; the caller's.</summary>
    public Network Loaded(StudyNetwork trainee)
    {
        var network = ModuleFactory.Create(() => trainee.Network.Build(data.Plain.Info));
        using var scope = NewDisposeScope();
        var path = Path.Combine(Folder(run, FidelityPlan.Name(trainee)), "model.safetensors");
        Checkpoint.Load(network.state_dict(), SafeTensors.Read(path), path);
        network.ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    /// <summary>A network as its training found it.</summary>
    public Network First(StudyNetwork trainee)
    {
        var network = trainee.Network.Build(data.Plain.Info);
        if (trainee.InitialWeights is not { } beginning) return network;
        if (trainee.Teachers is not [var teacher])
            throw new InvalidOperationException("A student can begin near one teacher, not near several.");
        using var other = beginning.Trained ? Loaded(teacher) : Drawn(teacher);
        WeightInterpolation.Move(network, other.state_dict(), beginning.Share);
        return network;
    }

    Network Drawn(StudyNetwork trainee)
    {
        // the seed that its trainer set; the student's trainer sets its own again
        RandomStream.SeedTorch(trainee.Seed, StreamKey.Weights);
        return ModuleFactory.Create(() => First(trainee));
    }

    /// <summary>
    /// Batches of a student's distillation data, as in training but with augmented views that no training saw.
    /// </summary>
    public IEnumerable<HostBatch> Showings(StudyNetwork trainee)
    {
        const int seed = 990_001;
        var (examples, parts) = data.Of(trainee.Examples);
        var same = examples.Views == 1;
        var rows = same ? Math.Min(recipe.Shown, examples.Count) : recipe.Shown;
        var batch = Math.Min(trainee.Training.BatchSize, rows);
        var sampler = new Sampler(examples.Count, batch, seed, parts);
        var prepared = new HostBatch();
        for (var (done, step) = (0, 0); done < rows; step++)
        {
            var (positions, pass) = same
                ? ([.. Enumerable.Range(done, Math.Min(batch, rows - done))], 0)
                : sampler.At(step);
            examples.Load(positions.AsSpan(0, Math.Min(positions.Length, rows - done)), new View(seed, pass), prepared);
            done += prepared.Count;
            yield return prepared;
        }
    }

    TrainerConfig Job(string name, string folder, StudyNetwork trainee, ITeacher? teacher)
    {
        var (examples, parts) = data.Of(trainee.Examples);
        return new()
        {
            Part = name, Folder = folder, Task = Task(examples.Info), Build = () => First(trainee),
            Method = _ => Loss(trainee).Build(Facts(trainee, examples)), Teacher = teacher,
            Data = examples, Parts = parts, Validation = data.Plain.Validation, Options = trainee.Training.Options,
            Steps = trainee.Training.Steps,
            StepsPerEpoch = Math.Max(trainee.Training.Steps / Looks, 1), Seed = trainee.Seed,
            RecipeHash = card.RecipeHash, Progress = progress, Clock = clock,
        };
    }

    static LossOptions Loss(StudyNetwork trainee) => trainee.Teachers.Count == 0 ? new LabelsOnlyOptions()
        : new SoftTargetsOptions { Temperature = trainee.Temperature, SoftWeight = 1 - trainee.LabelWeight };

    static LearningTask Task(DatasetInfo data) => new Tasks.ClassificationOptions().Build(data);

    static MethodContext Facts(StudyNetwork trainee, IDataSplit examples)
    {
        var shapes = new OutputShapes(new Dictionary<OutputKey, IReadOnlyList<long[]>>
        {
            [Output.Logits] = [[examples.Info.Classes.Count]],
        });
        return new()
        {
            Task = Task(examples.Info), Data = examples.Info, Examples = examples.Count,
            BatchSize = trainee.Training.BatchSize, Steps = trainee.Training.Steps,
            Teacher = shapes, Student = shapes,
        };
    }

    void Keep(string folder, string name, StudyNetwork trainee, ITeacher? teacher, Network network)
    {
        network.eval();
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), network.state_dict());
        List<(string, Predictions)> answers = [("test", Evaluator.Predict(network, data.Plain.Test, Output.Logits))];
        if (!Array.TrueForAll(answers[0].Item2.Values, float.IsFinite))
            throw new DivergedException(
                $"{name}: an answer on test is not a finite number, though training came to its end.");
        if (teacher is not null)
        {
            answers.Add(("teacher", Evaluator.Predict(teacher, data.Plain.Test, Output.Logits)));
            var measured = DistillationMeasures.Of(Showings(trainee), teacher, network, trainee.Temperature) with
            {
                Cka = DistillationMeasures.Alignment(data.Plain.Test, teacher, network),
            };
            AtomicFile.Write(
                Path.Combine(folder, "distillation.json"), JsonSerializer.Serialize(measured, Json.Line) + "\n");
        }
        PredictionsFile.Write(Path.Combine(folder, "predictions.safetensors"), answers);
        var cost = NetworkProbe.Cost(network, Task(data.Plain.Info), data.Plain.Validation, CPU);
        Write(folder, Card(name, trainee) with
        {
            BestStep = trainee.Training.Steps, TeacherHash = teacher?.Fingerprint(),
            Parameters = cost.Parameters, Bytes = cost.Bytes, MultiplyAdds = cost.MultiplyAdds,
            ActivationBytes = cost.ActivationBytes,
        });
    }

    NetworkConfig Card(string name, StudyNetwork trainee) => new()
    {
        Part = name, Role = trainee.Role, Network = Recipe.Write(trainee.Network), Data = data.Plain.Info,
        Augmentation = trainee.Examples.Augmentation.Count == 0 ? null : Recipe.Write(trainee.Examples.Augmentation),
        Method = Recipe.Write<MethodOptions>(Loss(trainee)),
        Training = Recipe.Write(trainee.Training), Seed = trainee.Seed, Steps = trainee.Training.Steps, BestStep = 0,
        DataHash = data.Plain.Hash,
        Parameters = null, Bytes = null, MultiplyAdds = null, ActivationBytes = null,
    };

    static void Write(string folder, NetworkConfig card) =>
        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(card, Json.Indented) + "\n");
}
