using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Training;
using TorchSharp;

namespace Retort.Report;

/// <summary>One network of a run as its folder has it.</summary>
/// <remarks>
/// A pretrained teacher has no last epoch, no epochs, and no latency unless it is a network of Retort's.
/// </remarks>
sealed record NetworkData(NetworkConfig Config, NetworkPredictions Predictions, LatencySamples? Latency,
    IReadOnlyList<EpochMetrics> Epochs)
{
    /// <summary>The networks that a procedure trained for it, the last of which it is.</summary>
    public IReadOnlyList<NetworkData> Stages { get; init; } = [];

    /// <summary>The terms of its method's loss on validation; null where the folder has none.</summary>
    public ValidationTerms? LossTerms { get; init; }

    /// <summary>What its procedure measured; null where the folder has nothing.</summary>
    public Measurements? Measurements { get; init; }

    /// <summary>Steps of all trainings and loops that made it: of a procedure more than its own.</summary>
    public long StepsInAll => Predictions.Steps;

    /// <summary>Whether it is the last of a procedure's networks, and each was trained for this many steps.</summary>
    public bool TrainedEachFor(long steps) => Stages.Count > 0 && StepsInAll == Stages.Count * steps
        && Stages.All(stage => stage.Config.Steps == steps && stage.Epochs is [{ Loss: not null }, ..]);
}

/// <summary>All that a finished run folder has; read once, checked once.</summary>
sealed class RunData
{
    public required RunInfo Info { get; init; }

    /// <summary>What is learned and how it is scored.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>Null where the recipe has no teacher.</summary>
    public required NetworkData? Teacher { get; init; }

    /// <summary>In the order of the run's seeds; empty where nothing is compared.</summary>
    public required IReadOnlyList<NetworkData> Controls { get; init; }

    /// <summary>In the order of the run's seeds.</summary>
    public required IReadOnlyList<NetworkData> Students { get; init; }

    /// <summary>Null where the recipe has neither tuning nor search.</summary>
    public required SearchTable? Search { get; init; }

    /// <summary>Null without a cache of the teacher's outputs.</summary>
    public required CacheManifest? Cache { get; init; }

    public DatasetInfo Data => Students[0].Config.Data;

    /// <summary>What the task makes its own figures from.</summary>
    public RunPredictions Predictions => new(Data, Teacher?.Predictions,
        [.. Controls.Select(network => network.Predictions)], [.. Students.Select(network => network.Predictions)]);

    public static RunData Read(string folder) => new RunReader(folder).Read();

    /// <summary>Whether both are of the same examples in the same order, with outputs of one width.</summary>
    public static bool SameExamples(Predictions one, Predictions other) =>
        one.Width == other.Width && one.SameExamples(other);

    /// <summary>
    /// Refuses networks that cannot be compared. A pair shares teacher, network, initial weights, order, augmentation
    /// and steps: the networks' config.json must bear it out. A procedure may take other steps than its control; the
    /// report has both.
    /// </summary>
    internal void Check(string folder)
    {
        var networks = Path.Combine(folder, "networks");
        var teacherHash = Teacher is null ? null
            : Teacher.Config.GivenHash ?? Hash(Path.Combine(networks, "teacher", "model.safetensors"), folder);
        var stages = Students.SelectMany(student => student.Stages);
        foreach (var network in Controls.Concat(Students).Concat(stages).Concat(Teacher is null ? [] : [Teacher]))
        {
            var config = network.Config;
            if (config.DataHash != Info.DataHash) throw Differs(config, "data", config.DataHash, Info.DataHash);
            if (config.Role == "student" && config.TeacherHash != teacherHash)
                throw Differs(config, "teacher", config.TeacherHash ?? "none", teacherHash ?? "none");
            if (!JsonNode.DeepEquals(config.Task, Students[0].Config.Task))
                throw Differs(config, "task", Text(config.Task), Text(Students[0].Config.Task));
            CheckExamples(network);
        }
        foreach (var student in Students) CheckStages(student, folder);
        for (var i = 0; i < Info.Seeds.Count; i++) CheckPair(i);

        void CheckExamples(NetworkData network)
        {
            var (own, first) = (network.Predictions, Students[0].Predictions);
            if (!own.Test.SameExamples(first.Test) || !own.Validation.SameExamples(first.Validation)
                || own.LastEpochTest?.SameExamples(first.Test) == false
                || network != Teacher && own.Training is { } training
                    && first.Training?.SameExamples(training) == false)
                throw Differs(network.Config, "examples", "predictions of some", "predictions of others");

            var width = Task.HasClassProbabilities ? Data.Classes.Count : own.Test.Width;
            var what = Task.HasClassProbabilities ? "number of classes" : $"width of {Task.Output.Title}";
            foreach (var split in new[] { own.Test, own.Validation, own.LastEpochTest, own.Training })
                if (split is not null && split.Width != width)
                    throw Differs(network.Config, what, $"{split.Width}", $"{width}");
        }

        void CheckPair(int i)
        {
            var student = Students[i].Config;
            if (student.Seed != Info.Seeds[i]) throw Differs(student, "seed", $"{student.Seed}", $"{Info.Seeds[i]}");
            if (Controls.Count == 0) return;

            var control = Controls[i].Config;
            if (control.Seed != student.Seed) throw Differs(control, "seed", $"{control.Seed}", $"{student.Seed}");
            var isProcedure = (student.Stages ?? control.Stages) is not null;
            if (!isProcedure && control.Steps != student.Steps && control.Method is not null)   // null: it is untrained
                throw Differs(control, "number of steps", $"{control.Steps}", $"{student.Steps}");
            if (!JsonNode.DeepEquals(control.Network, student.Network))
                throw Differs(control, "network", Text(control.Network), Text(student.Network));
            if (!JsonNode.DeepEquals(control.Augmentation, student.Augmentation))
                throw Differs(control, "augmentation", Text(control.Augmentation), Text(student.Augmentation));
        }

        InvalidDataException Differs(NetworkConfig config, string what, string came, string expected) => new(
            $"{Path.Combine(networks, config.Part, NetworkFiles.Config)}: networks that are compared must share the "
            + $"{what}; {came} came where the others have {expected}.");

        static string Text(JsonNode? node) => node?.ToJsonString() ?? "none";
    }

    // each stage must have the teacher that the student's config.json names, and the last must be the student; a stage
    // that names none had none, the recipe's teacher, or a network that is no stage
    static void CheckStages(NetworkData student, string folder)
    {
        var own = Path.Combine(folder, "networks", student.Config.Part);
        foreach (var (stage, network) in (student.Config.Stages ?? []).Zip(student.Stages))
        {
            if (stage.Teacher is null) continue;

            var (teacher, found) = (Weights(stage.Teacher), network.Config.TeacherHash);
            if (found != teacher && found != Fingerprint(stage.Teacher)) throw new InvalidDataException(
                $"{Path.Combine(own, stage.Part, NetworkFiles.Config)}: its teacher must be {stage.Teacher}, with "
                + $"the hash {teacher}; {found ?? "none"} came.");
        }
        if (student.Config.Stages is [.., var last] && Weights(last.Part) != Weights(""))
            throw new InvalidDataException(
                $"{Path.Combine(own, "model.safetensors")} must be that of {last.Part}, the last of its stages.");

        string Weights(string part) => Hash(Path.Combine(own, part, "model.safetensors"), folder);

        // of a network in a procedure's own loop: it was a teacher before it had a file
        string Fingerprint(string part)
        {
            using var scope = torch.NewDisposeScope();
            return NetworkTeacher.FingerprintOf(
                SafeTensors.Read(Path.Combine(own, part, "model.safetensors")), normalization: null);
        }
    }

    static string Hash(string path, string run) => FileHash.Sha256(RunReader.Existing(path, run));
}
