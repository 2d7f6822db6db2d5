using Retort.Recipes;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Runs the jobs that make a network's folder.</summary>
sealed class NetworkJobs(JobContext context)
{
    readonly NetworkTrainer _trainer = new(context);

    /// <summary>Trains a network, or continues its training.</summary>
    public void Train(NetworkJob job)
    {
        var folder = context.Run.PathOf(job.Folder);
        var training = TrainingOf(job);
        if (job.IsTrial && SavedNetwork.IsIn(folder))
        {
            WriteRungResult(job, steps: 0);         // it was trained to the end, or diverged, in an earlier rung
            return;
        }
        if (job.Teacher is { } teacher && IsDivergedTrial(teacher))
        {
            WriteDiverged(job, training, "The loss of its teacher stopped being finite.");
            return;
        }
        try
        {
            var steps = training.Method is ProcedureOptions procedure
                ? FrozenTeacher.Check(
                    training.Config.Teacher, job.Name, () => RunProcedure(job, training, procedure.Build()))
                : TrainOnce(job, training);
            if (training.Config.Until is null) File.Delete(Path.Combine(folder, Checkpoint.FileName));
            if (job.IsTrial && job.Role != Role.Teacher) WriteRungResult(job, steps);
        }
        catch (DivergedException error) when (job.IsTrial)
        {
            WriteDiverged(job, training, error.Message);
        }
    }

    /// <summary>Writes the folder of a pretrained teacher: the files of a trained one without weights.</summary>
    public void PredictTeacher(NetworkJob job)
    {
        var (data, task) = (context.Data, context.Task);
        var folder = context.Run.PathOf(job.Folder);
        var teacher = context.Teachers.Open(job.Name, context.Recipe, data, context.Token);
        var (validation, test) = FrozenTeacher.Check(
            teacher, job.Name, () => (Predict(data.Validation), Predict(data.Test)));
        PredictionsFile.Write(
            Path.Combine(folder, PredictionsFile.Name), ("validation", validation), ("test", test));

        if (task.ScoresNeedTraining) PredictionsFile.Write(
            Path.Combine(folder, PredictionsFile.TrainingName), ("training", Predict(data.Labelled)));

        var cost = NetworkProbe.Cost(teacher, task, data.Validation, context.Device);
        var options = context.Run.Info.Recipe["teacher"];
        if (context.Recipe.Teacher is CachedTeacherOptions) options = options?["teacher"];
        NetworkFiles.WriteConfig(folder, new()
        {
            Part = job.Name,
            Role = Role.Teacher.Name(),
            Network = options?.DeepClone() ?? Recipe.Write(context.Recipe.TeacherItself!),
            Data = data.Info,
            Task = context.TaskNode,
            Method = null,
            Training = null,
            Seed = job.Seed,
            Steps = 0,
            BestStep = 0,
            GivenHash = teacher.Fingerprint(),
            DataHash = context.Run.Info.DataHash,
            Parameters = cost?.Parameters,
            Bytes = cost?.Bytes,
            MultiplyAdds = cost?.MultiplyAdds,
            ActivationBytes = cost?.ActivationBytes,
        });

        Predictions Predict(IDataSplit split) =>
            Evaluator.Predict(teacher, split, task.Output, context.Device, context.Token);
    }

    /// <summary>
    /// Copies the best teacher of a search to the run's teacher, and predicts the test split with it, which a trial
    /// must not use.
    /// </summary>
    public void CopyChosenTeacher(ChosenTeacherJob job, NetworkJob chosen)
    {
        var from = context.Run.PathOf(chosen.Folder);
        var to = context.Run.PathOf(job.Folder);
        foreach (var file in (string[])[MetricsLog.FileName, NetworkFiles.LastWeights, NetworkFiles.Weights])
            AtomicFile.Copy(Path.Combine(from, file), Path.Combine(to, file));
        WritePredictions(NetworkFiles.LastWeights, PredictionsFile.LastEpochName);
        WritePredictions(NetworkFiles.Weights, PredictionsFile.Name);
        NetworkFiles.WriteConfig(to, NetworkFiles.ReadConfig(from) with { Part = job.Name });

        void WritePredictions(string weights, string file)
        {
            context.Token.ThrowIfCancellationRequested();
            var model = ((TrainedTeacherOptions)context.Recipe.TeacherItself!).Network;
            using var network = NetworkFiles.Load(to, model, context.Data.Info.ForTeacher, weights);
            network.to(context.Device).ToMemoryFormat(network.PreferredFormat);
            PredictionsFile.Write(Path.Combine(to, file), _trainer.Predict(network, Role.Teacher, isTrial: false));
        }
    }

    /// <summary>Writes the loss terms on validation of a student that a loss trained, and of its control.</summary>
    public void MeasureTerms(NetworkJob student)
    {
        using var scope = NewDisposeScope();
        var (model, _, config) = TrainingOf(student);
        using var network = NetworkFiles.Load(config.Folder, model, context.Data.Info);
        network.to(context.Device).ToMemoryFormat(network.PreferredFormat);
        using var method = config.MakeMethod(network);
        var state = Path.Combine(config.Folder, NetworkFiles.MethodState);
        if (method.State is { } own) Checkpoint.Load(own.state_dict(), SafeTensors.Read(state), state);

        var options = NetworkFiles.ReadConfig(config.Folder).Network;
        StudentTerms.For(student, context)!.Of(method, network, options, config.Teacher).Write(config.Folder);
    }

    /// <summary>The outputs of the teacher that any of these recipes' methods needs.</summary>
    public OutputSet RequiredOfTeacher(ITeacher teacher, IEnumerable<Recipe> recipes)
    {
        var required = OutputSet.None;
        foreach (var recipe in recipes)
        {
            if (recipe.Method is ProcedureOptions procedure)
            {
                required |= procedure.Build().RequiredOfTeacher;
                continue;
            }
            using var scope = NewDisposeScope();
            using var student = ModuleFactory.Create(() => recipe.Student.Build(context.Data.Info));
            student.to(context.Device);
            var methodContext = _trainer.MethodContext(
                student, teacher, context.Data.Training, recipe.Training, steps: 1);
            using var method = ((LossOptions)recipe.Method).Build(methodContext);
            required |= method.Requires.Teacher;
        }
        return required;
    }

    // what a job trains: a function of recipe, search results and job, the same in every process
    NetworkTraining TrainingOf(NetworkJob job)
    {
        var (recipe, data, task) = (context.Recipe, context.Data, context.Task);
        var trained = recipe.TeacherItself as TrainedTeacherOptions;
        var (model, method, options, split) = job.Role switch
        {
            Role.Teacher => (trained!.Network, ControlMethods.Supervised, trained.Training, data.TeacherTraining),
            Role.Control => (recipe.Student, ControlMethods.Of(recipe.Method, task), recipe.Training, data.Labelled),
            _ => (recipe.Student, recipe.Method, recipe.Training,
                recipe.Teacher is null && !recipe.Method.LearnsWithoutLabels() ? data.Labelled : data.Training),
        };
        split = NetworkTrainer.SplitFor(job.Role, split);

        // control and student take as many steps, even where the control has fewer examples
        var counted = job.Role == Role.Teacher ? data.TeacherTraining : data.Training;
        var stepsPerEpoch = counted.Count == 0 ? 1                         // an environment has no examples
            : new Sampler(counted.Count, options.BatchSize, 0).StepsPerEpoch;
        var steps = method is null ? 0 : stepsPerEpoch * options.Epochs;
        var stopsAtRung = job is { IsTrial: true, Role: not Role.Teacher } && job.Epochs < options.Epochs;
        var teacher = TeacherOf(job);
        var config = new TrainerConfig
        {
            Part = job.Name.Split('@')[0],
            Folder = context.Run.PathOf(job.Folder),
            Task = job.Role == Role.Teacher ? task.ForTeacher : task,
            Build = () => model.Build(split.Info),
            Method = _ => method is null ? new Untrained()
                : throw new InvalidOperationException("A procedure names the loss of each of its networks."),
            Teacher = teacher,
            TeacherValidation = job.Role == Role.Teacher ? null
                : context.Teachers.Validation(job.Teacher ?? (recipe.Teacher is null ? null : "teacher")),
            Data = split,
            Validation = NetworkTrainer.SplitFor(job.Role, data.Validation),
            Options = options,
            Steps = steps,
            Until = stopsAtRung ? stepsPerEpoch * job.Epochs : null,
            StepsPerEpoch = stepsPerEpoch,
            Seed = job.Seed,
            RecipeHash = IdentityOf(model),
            Device = context.Device,
            Clock = context.Run.Clock,
            Progress = context.Run.Progress,
        };
        if (method is LossOptions loss) config = config with
        {
            Method = student => NetworkTrainer.Checked(
                loss.Build(_trainer.MethodContext(student, teacher, split, options, steps)), method, student, teacher),
        };
        return new(model, method, config);
    }

    // a training of pretrained weights is continued only from the same weights
    string IdentityOf(ModelOptions model) => model.HashPretrained() is { } pretrained
        ? FileHash.Sha256OfText($"{context.Run.Info.RecipeHash} {pretrained}")
        : context.Run.Info.RecipeHash;

    ITeacher? TeacherOf(NetworkJob job) =>
        job is { Role: Role.Student, Teacher: { } teacher } && !IsDivergedTrial(teacher)
            ? context.Teachers.ForStudents(teacher, context.Recipe, context.Data, context.Token)
            : null;

    bool IsDivergedTrial(string teacher) => teacher != "teacher" && context.Teachers.HasDiverged(teacher);

    long TrainOnce(NetworkJob job, NetworkTraining training)
    {
        return _trainer.Train(training.Config, job.Role, job.IsTrial, Describe);

        NetworkConfig Describe(TrainingResult result)
        {
            var teacherHash = training.Config.Teacher is null ? null : context.Teachers.HashOf(job.Teacher!);
            return _trainer.Describe(training, job.Role.Name(), teacherHash, result);
        }
    }

    // each stage has a folder in the student's folder; the student's files are copies of the last stage's
    long RunProcedure(NetworkJob job, NetworkTraining training, Procedure procedure)
    {
        using var procedureContext = new RunProcedureContext(
            context, _trainer, training, job, procedure.Artifacts);
        var result = procedure.Run(procedureContext);
        var stages = result.Stages;
        procedureContext.CheckResult();
        var folder = training.Config.Folder;
        var last = Path.Combine(folder, stages[^1].Part);
        foreach (var file in Directory.EnumerateFiles(last))
        {
            var name = Path.GetFileName(file);
            if (name is NetworkFiles.Config or Checkpoint.FileName or "lock" || Path.GetExtension(name) == ".draft")
                continue;
            AtomicFile.Copy(file, Path.Combine(folder, name));
        }
        var config = NetworkFiles.ReadConfig(last) with
        {
            Part = job.Name,
            Role = job.Role.Name(),
            Seed = job.Seed,
            Stages = stages,
            OtherSteps = procedureContext.OtherSteps(stages),
            TeacherHash = training.Config.Teacher is null ? null : context.Teachers.HashOf(job.Teacher!),
            Artifacts = procedure.Artifacts,
            Figures = result.Figures,
        };
        if (config.KnowledgeFile is not null) RetrievalPredictions.Write(context, folder, config, job.IsTrial);
        Measurements.Write(folder, result);
        NetworkFiles.WriteConfig(folder, config);
        return 0;
    }

    // the folder of a trial that diverged: config.json alone
    void WriteDiverged(NetworkJob job, NetworkTraining training, string reason)
    {
        using var network = ModuleFactory.Create(training.Config.Build);
        var noWeights = new TrainingResult(network, new Dictionary<string, Tensor>(), 0);
        NetworkFiles.WriteConfig(training.Config.Folder,
            _trainer.Describe(training, job.Role.Name(), null, noWeights) with { Diverged = reason });
        File.Delete(Path.Combine(training.Config.Folder, Checkpoint.FileName));
        if (job.Role != Role.Teacher) WriteRungResult(job, steps: 0);
    }

    void WriteRungResult(NetworkJob job, long steps)
    {
        var folder = context.Run.PathOf(job.Folder);
        var config = SavedNetwork.IsIn(folder) ? NetworkFiles.ReadConfig(folder) : null;
        var teacher = context.Teachers.Validation(job.Teacher);
        var result = config?.Diverged is not null ? RungResult.Diverged
            : config?.KnowledgeFile is not null ? RungResult.OfPredictions(folder, context.Task, teacher, steps)
            : RungResult.Of(folder, job.Epochs, context.Recipe.Training.SelectWeights, context.Task, steps);
        result.Write(context.Run.PathOf(job.Manifest));
    }
}
