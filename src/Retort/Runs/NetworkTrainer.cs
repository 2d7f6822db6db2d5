using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>What is trained, and how.</summary>
/// <param name="Model">The network.</param>
/// <param name="Method">Its method, as the recipe states it; null for an untrained control.</param>
/// <param name="Config">The training.</param>
sealed record NetworkTraining(ModelOptions Model, MethodOptions? Method, TrainerConfig Config);

/// <summary>Trains networks and writes their folders: weights, predictions, and <c>config.json</c> last.</summary>
sealed class NetworkTrainer(JobContext context)
{
    /// <summary>Trains a network and writes its folder; returns the steps that were taken here.</summary>
    /// <param name="config">The training.</param>
    /// <param name="role">The network's role.</param>
    /// <param name="isTrial">Whether it belongs to a search: then the test split is not used.</param>
    /// <param name="describe">Makes the content of <c>config.json</c>.</param>
    /// <param name="terms">
    /// Writes the loss terms on validation; null where they are not reported, or have a job of their own.
    /// </param>
    public long Train(TrainerConfig config, Role role, bool isTrial, Func<TrainingResult, NetworkConfig> describe,
        StudentTerms? terms = null)
    {
        using var trainer = new Trainer(config);
        var result = trainer.Run(context.Token);
        if (config.Until is not null) return result.Steps;

        SaveWeights(config.Folder, result, role, isTrial);
        if (!isTrial && role == Role.Student) SaveMethod(config.Folder, trainer.Method);
        var described = describe(result);
        terms?.Of(trainer.Method, result.Network, described.Network, config.Teacher).Write(config.Folder);
        NetworkFiles.WriteConfig(config.Folder, described);
        return result.Steps;
    }

    /// <summary>The content of a network's <c>config.json</c>.</summary>
    public NetworkConfig Describe(
        NetworkTraining training, string role, string? teacherHash, TrainingResult result)
    {
        var config = training.Config;
        var cost = NetworkProbe.Cost(result.Network, context.Task, config.Validation, context.Device);
        return new()
        {
            Part = config.Part,
            Role = role,
            Network = Recipe.Write(training.Model.Architecture()),
            PretrainedHash = training.Model.HashPretrained(),
            Data = config.Validation.Info,
            Task = context.TaskNode,
            Augmentation = context.Recipe.Data is { } data ? Recipe.Write(data)["augmentation"]?.DeepClone() : null,
            Method = training.Method is null ? null : Recipe.Write(training.Method),
            Training = Recipe.Write(config.Options),
            Seed = config.Seed,
            Steps = config.Steps,
            BestStep = result.BestStep,
            DataHash = context.Run.Info.DataHash,
            TeacherHash = teacherHash,
            Parameters = cost.Parameters,
            Bytes = cost.Bytes,
            MultiplyAdds = cost.MultiplyAdds,
            ActivationBytes = cost.ActivationBytes,
        };
    }

    /// <summary>What a loss may need to know, measured for this student and teacher.</summary>
    public MethodContext MethodContext(
        Network student, ITeacher? teacher, IDataSplit split, TrainingOptions options, long steps) => new()
    {
        Task = context.Task,
        Data = split.Info,
        Examples = split.Count,
        BatchSize = options.BatchSize,
        Steps = checked((int)steps),
        Views = split.Views,
        Teacher = teacher is null ? null : NetworkProbe.Shapes(teacher, split, context.Device),
        Student = NetworkProbe.Shapes(student, split, context.Device),
    };

    /// <summary>Returns a loss whose required outputs are available; any other is refused.</summary>
    public static DistillationLoss Checked(
        DistillationLoss method, MethodOptions options, Network student, ITeacher? teacher)
    {
        CheckOffered(options, method.Requires, student.AvailableOutputs, teacher);
        return method;
    }

    /// <summary>Refuses a method that needs outputs which teacher or student lack.</summary>
    public static void CheckOffered(
        MethodOptions method, RequiredOutputs required, OutputSet ofStudent, ITeacher? teacher)
    {
        var ofTeacher = teacher?.AvailableOutputs ?? OutputSet.None;
        var reason = teacher is null ? "the recipe has no teacher."
            : $"the teacher does not offer it; it offers {ofTeacher}. Choose another teacher or method; the option "
            + "\"outputs\" of the teachers \"onnx\" and \"torchscript\" can name more.";
        Refuse(required.Teacher.Except(ofTeacher), reason);
        Refuse((required.Student | required.Ema).Except(ofStudent),
            $"the student does not offer it; it offers {ofStudent}. Choose another student or method.");

        void Refuse(OutputSet missing, string reason)
        {
            if (!missing.IsEmpty) throw new InvalidOperationException(
                $"The method {Recipe.Write(method)["name"]} needs {missing}, and {reason}");
        }
    }

    /// <summary>Predictions on validation and test; of a trial on validation alone.</summary>
    public IReadOnlyList<(string, Predictions)> Predict(Network network, Role role, bool isTrial)
    {
        var validation = ("validation", Predict(network, context.Data.Validation, role));
        return isTrial ? [validation] : [validation, ("test", Predict(network, context.Data.Test, role))];
    }

    /// <summary>The split with the inputs of this role: a teacher may have inputs of its own.</summary>
    public static IDataSplit SplitFor(Role role, IDataSplit split) =>
        role == Role.Teacher ? TeacherSplit.Of(split) : split;

    Predictions Predict(Network network, IDataSplit split, Role role) =>
        Evaluator.Predict(network, SplitFor(role, split), context.Task.Output, context.Device);

    // the loss terms on validation are computed with it
    static void SaveMethod(string folder, DistillationLoss method)
    {
        if (method.State is { } state)
            SafeTensors.Write(Path.Combine(folder, NetworkFiles.MethodState), state.state_dict());
    }

    void SaveWeights(string folder, TrainingResult result, Role role, bool isTrial)
    {
        var network = result.Network;
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.LastWeights), network.state_dict());
        PredictionsFile.Write(
            Path.Combine(folder, PredictionsFile.LastEpochName), Predict(network, role, isTrial));

        Checkpoint.Load(network.state_dict(), result.Best, "the best weights");
        SafeTensors.Write(Path.Combine(folder, NetworkFiles.Weights), network.state_dict());
        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.Name), Predict(network, role, isTrial));
        if (!context.StoresTrainingPredictions || isTrial) return;

        PredictionsFile.Write(Path.Combine(folder, PredictionsFile.TrainingName),
            ("training", Predict(network, context.Data.Labelled, role)));
    }
}
