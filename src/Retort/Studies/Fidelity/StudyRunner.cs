using Retort.Methods;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Studies.Fidelity;

/// <summary>
/// Trains networks of a study in this process, one after another; <c>config.json</c> is written last.
/// </summary>
sealed class StudyRunner(StudyContext study) : IJobRunner
{
    const int Validations = 10;                                            // in a training
    const long NewViewSeed = 990_001;

    readonly FidelityPlan _plan = study.Plan;
    readonly StudyData _data = study.Data;

    /// <inheritdoc/>
    /// <remarks>A network whose loss stops being finite is done too: its <c>config.json</c> says so.</remarks>
    public void Run(Job job, CancellationToken token)
    {
        var (name, network) = (job.Name, _plan[job.Name]);
        var folder = StudyFolder.Of(study.Folder, name);
        try
        {
            var failed = network.Teachers.Select(FidelityPlan.Name).FirstOrDefault(HasFailed);
            if (failed is not null) throw new DivergedException(
                $"{name}: there is no teacher to learn from, since the training of {failed} failed.");
            Train(folder, name, network, token);
        }
        catch (DivergedException error)
        {
            NetworkFiles.WriteConfig(folder, ConfigOf(name, network) with { Diverged = error.Message });
        }
    }

    /// <summary>
    /// Compares a student's control with the student's teacher on the student's distillation data, on the same views.
    /// It does nothing if that is done already, or if a training failed.
    /// </summary>
    public void MeasureControl(PlannedStudent planned)
    {
        if (StudyFolder.HasControlMeasures(study.Folder, planned)) return;
        if (HasFailed(planned.Student) || HasFailed(planned.Control)) return;

        set_num_threads(1);
        var student = _plan[planned.Student];
        using var teacher = OpenTeacher(student);
        using var control = LoadTrained(_plan[planned.Control]);
        control.eval();
        var measures = DistillationMeasures.Of(NewViews(student), teacher, control, student.Temperature);
        StudyFolder.WriteControlMeasures(study.Folder, planned, measures);
    }

    /// <summary>The teachers of a student, as an ensemble where there are several.</summary>
    public ITeacher OpenTeacher(StudyNetwork student)
    {
        List<ITeacher> members =
            [.. student.Teachers.Select(member => new NetworkTeacher(LoadTrained(member), owns: true))];
        return members.Count == 1 ? members[0] : new EnsembleTeacher(members);
    }

    /// <summary>A network with its trained weights. The caller owns it.</summary>
    public Network LoadTrained(StudyNetwork network)
    {
        var loaded = ModuleFactory.Create(() => network.Network.Build(_data.Plain.Info));
        using var scope = NewDisposeScope();
        var path = Path.Combine(StudyFolder.Of(study.Folder, FidelityPlan.Name(network)), NetworkFiles.Weights);
        Checkpoint.Load(loaded.state_dict(), SafeTensors.Read(path), path);
        loaded.ToMemoryFormat(loaded.PreferredFormat);
        return loaded;
    }

    /// <summary>A network with its initial weights, drawn from libtorch's generator.</summary>
    public Network BuildInitial(StudyNetwork network)
    {
        var built = network.Network.Build(_data.Plain.Info);
        if (network.InitialWeights is not { } initial) return built;

        if (network.Teachers is not [var only]) throw new InvalidOperationException(
            "A student can begin near one teacher, not near several.");
        using var teacher = initial.Trained ? LoadTrained(only) : BuildSeeded(only);
        WeightInterpolation.Move(built, teacher.state_dict(), initial.Share);
        return built;
    }

    /// <summary>
    /// Examples of a student's distillation data: batches as in training, in views that no training used. A batch is
    /// valid until the next one.
    /// </summary>
    public IEnumerable<HostBatch> NewViews(StudyNetwork student)
    {
        var (examples, parts) = _data.Of(student.Examples);
        var hasOneView = examples.Views == 1;
        var compared = study.Recipe.ComparedExamples;
        var rows = hasOneView ? Math.Min(compared, examples.Count) : compared;
        var size = Math.Min(student.Training.BatchSize, rows);
        var sampler = new Sampler(examples, size, NewViewSeed, parts);
        var batch = new HostBatch();
        var (done, step) = (0, 0);
        while (done < rows)
        {
            var (positions, pass) = hasOneView
                ? ([.. Enumerable.Range(done, Math.Min(size, rows - done))], 0)
                : sampler.At(step++);
            var taken = positions.AsSpan(0, Math.Min(positions.Length, rows - done));
            examples.Load(taken, new View(NewViewSeed, pass), batch);
            done += batch.Count;
            yield return batch;
        }
    }

    bool HasFailed(string name) => StudyFolder.HasFailed(study.Folder, name);

    Network BuildSeeded(StudyNetwork network)
    {
        // as its trainer did; the student's trainer sets the seed again
        RandomStream.SeedTorch(network.Seed, StreamKey.Weights);
        return ModuleFactory.Create(() => BuildInitial(network));
    }

    void Train(string folder, string name, StudyNetwork network, CancellationToken token)
    {
        set_num_threads(1);
        using var teacher = network.Teachers.Count == 0 ? null : OpenTeacher(network);
        using var trainer = new Trainer(TrainerConfigOf(name, folder, network, teacher));
        var result = trainer.Run(token);
        Save(folder, name, network, teacher, result.Network);
        File.Delete(Path.Combine(folder, Checkpoint.FileName));
    }

    TrainerConfig TrainerConfigOf(string name, string folder, StudyNetwork network, ITeacher? teacher)
    {
        var (examples, parts) = _data.Of(network.Examples);
        var training = network.Training;
        return new()
        {
            Part = name,
            Folder = folder,
            Task = TaskOf(examples.Info),
            Build = () => BuildInitial(network),
            Method = _ => MethodOf(network).Build(MethodContextOf(network, examples)),
            Teacher = teacher,
            Data = examples,
            Parts = parts,
            Validation = _data.Plain.Validation,
            Options = training.Options,
            Steps = training.Steps,
            StepsPerEpoch = Math.Max(training.Steps / Validations, 1),
            Seed = network.Seed,
            RecipeHash = study.Info.RecipeHash,
            Progress = study.Progress,
            Clock = study.Clock,
        };
    }

    static LossOptions MethodOf(StudyNetwork network) => network.Teachers.Count == 0
        ? new LabelsOnlyOptions()
        : new SoftTargetsOptions { Temperature = network.Temperature, SoftWeight = 1 - network.LabelWeight };

    static LearningTask TaskOf(DatasetInfo info) => new ClassificationOptions().Build(info);

    static MethodContext MethodContextOf(StudyNetwork network, IDataSplit examples)
    {
        var shapes = new OutputShapes(new Dictionary<OutputKey, IReadOnlyList<long[]>>
        {
            [Output.Logits] = [[examples.Info.Classes.Count]],
        });
        return new()
        {
            Task = TaskOf(examples.Info),
            Data = examples.Info,
            Examples = examples.Count,
            BatchSize = network.Training.BatchSize,
            Steps = network.Training.Steps,
            Teacher = shapes,
            Student = shapes,
        };
    }

    void Save(string folder, string name, StudyNetwork network, ITeacher? teacher, Network trained)
    {
        var plain = _data.Plain;
        trained.eval();
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.Weights), trained.state_dict());
        var test = Evaluator.Predict(trained, plain.Test, Output.Logits);
        if (!Array.TrueForAll(test.Values, float.IsFinite)) throw new DivergedException(
            $"{name}: an output on test is not a finite number, though training came to its end.");

        List<(string, Predictions)> predictions = [("test", test)];
        if (teacher is not null)
        {
            predictions.Add(("teacher", Evaluator.Predict(teacher, plain.Test, Output.Logits)));
            var measures = DistillationMeasures.Of(NewViews(network), teacher, trained, network.Temperature);
            var cka = DistillationMeasures.StageCka(plain.Test, teacher, trained);
            StudyFolder.WriteMeasures(folder, measures with { Cka = cka });
        }
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), predictions);
        var cost = NetworkProbe.Cost(trained, TaskOf(plain.Info), plain.Validation, CPU);
        NetworkFiles.WriteConfig(folder, ConfigOf(name, network) with
        {
            BestStep = network.Training.Steps,
            TeacherHash = teacher?.Fingerprint(),
            Parameters = cost.Parameters,
            Bytes = cost.Bytes,
            MultiplyAdds = cost.MultiplyAdds,
            ActivationBytes = cost.ActivationBytes,
        });
    }

    NetworkConfig ConfigOf(string name, StudyNetwork network)
    {
        var augmentation = network.Examples.Augmentation;
        return new()
        {
            Part = name,
            Role = network.Role,
            Network = Recipe.Write(network.Network),
            Data = _data.Plain.Info,
            Augmentation = augmentation.Count == 0 ? null : Recipe.Write(augmentation),
            Method = Recipe.Write<MethodOptions>(MethodOf(network)),
            Training = Recipe.Write(network.Training),
            Seed = network.Seed,
            Steps = network.Training.Steps,
            BestStep = 0,
            DataHash = _data.Plain.Hash,
            Parameters = null,
            Bytes = null,
            MultiplyAdds = null,
            ActivationBytes = null,
        };
    }
}
