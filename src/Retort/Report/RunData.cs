using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Report;

/// <summary>One network of a run as its folder keeps it.</summary>
/// <remarks>A teacher that was given has no last epoch, no epochs, and no latency unless it is a network of ours.</remarks>
sealed record NetworkData(NetworkConfig Card, Predictions Validation, Predictions Test, Predictions? LastTest,
    LatencySamples? Latency, IReadOnlyList<EpochMetrics> Epochs)
{
    /// <summary>On what it learned from, where the run kept that.</summary>
    public Predictions? Training { get; init; }

    /// <summary>The networks that a procedure trained for it, the last of which it is.</summary>
    public IReadOnlyList<NetworkData> Stages { get; init; } = [];
}

/// <summary>All that a finished run folder holds; read once, checked once.</summary>
sealed class RunData
{
    public required RunInfo Card { get; init; }

    /// <summary>Null where the recipe has no teacher.</summary>
    public required NetworkData? Teacher { get; init; }

    /// <summary>In the order of the card's seeds; empty where labels alone are learned from and nobody teaches.</summary>
    public required IReadOnlyList<NetworkData> Controls { get; init; }

    /// <summary>In the order of the card's seeds.</summary>
    public required IReadOnlyList<NetworkData> Students { get; init; }

    public required TuningTable? Tuning { get; init; }

    public required SearchTable? Search { get; init; }

    /// <summary>Null where the teacher itself was asked.</summary>
    public CacheManifest? Cache { get; init; }

    public IReadOnlyList<string> Classes => Students[0].Card.Data.Classes;

    public static RunData Read(string folder)
    {
        var card = Json<RunInfo>(Path.Combine(folder, "run.json"), folder, "a run");
        if (card.Recipe is not JsonObject) throw new InvalidDataException($"{Path.Combine(folder, "run.json")}: a recipe is an object; this one is none.");
        if (card.Seeds.Count == 0)
            throw new InvalidDataException($"{Path.Combine(folder, "run.json")}: a run has at least one seed; it has none.");
        var taught = card.Recipe["teacher"] is not null;
        var compared = taught || (string?)card.Recipe["method"]?["name"] is { } method && method != "labels";
        var (tuning, search) = (Path.Combine(folder, "tuning.json"), Path.Combine(folder, "search.json"));
        var found = new RunData
        {
            Card = card,
            Teacher = taught ? Network(folder, "teacher") : null,
            Controls = compared ? [.. card.Seeds.Select(seed => Network(folder, $"control-seed{seed}"))] : [],
            Students = [.. card.Seeds.Select(seed => Network(folder, $"student-seed{seed}"))],
            Cache = File.Exists(Path.Combine(folder, "cache.json")) ? CacheManifest.Read(Path.Combine(folder, "cache.json")) : null,
            Tuning = File.Exists(tuning) ? Checked(Json<TuningTable>(tuning, folder, "the search of the learning rate"), tuning) : null,
            Search = File.Exists(search) ? Checked(Json<SearchTable>(search, folder, "the search"), search) : null,
        };
        found.Check(folder);
        return found;
    }

    static NetworkData Network(string run, string part)
    {
        var folder = Path.Combine(run, "networks", part);
        var (best, last) = (Path.Combine(folder, "predictions.safetensors"), Path.Combine(folder, "predictions-last.safetensors"));
        var (card, latency) = (Json<NetworkConfig>(Path.Combine(folder, "config.json"), run, "a network"), Path.Combine(folder, "latency.json"));
        if (card.GivenHash is not null)
            return new(card, Answers(best, "validation", run), Answers(best, "test", run), null, File.Exists(latency) ? Samples(latency, run) : null, []);
        var training = Path.Combine(folder, PredictionsFile.TrainingName);
        return new(card, Answers(best, "validation", run), Answers(best, "test", run), Answers(last, "test", run),
            card.Role == "stage" ? null : Samples(latency, run), Epochs(Path.Combine(folder, "metrics.jsonl"), run))
        {
            Training = File.Exists(training) ? Answers(training, "training", run) : null,
            Stages = [.. card.Stages?.Select(stage => Network(run, $"{part}/{Plain(stage?.Part)}")) ?? []],
        };

        string Plain(string? name) => name is { Length: > 0 } && name == Path.GetFileName(name) && name is not ("." or "..") ? name
            : throw new InvalidDataException($"{Path.Combine(folder, "config.json")}: a stage must be named like its folder beside the card; it is \"{name}\".");
    }

    static Predictions Answers(string path, string part, string run)
    {
        var found = PredictionsFile.Read(Existing(path, run), part);
        try { Likelihood.Nll(found.Values, found.Labels); }               // finite logits, known labels
        catch (ArgumentException error) { throw new InvalidDataException($"{path}, {part}: {error.Message}", error); }
        return found;
    }

    static LatencySamples Samples(string path, string run)
    {
        var found = Json<LatencySamples>(path, run, "how long a network takes");
        return found.Milliseconds.Count > 0 ? found : throw new InvalidDataException($"{path}: at least one sample is needed; it has none.");
    }

    static IReadOnlyList<EpochMetrics> Epochs(string path, string run)
    {
        var lines = MetricsLog.Read(Existing(path, run));
        return lines.Count > 0 ? lines : throw new InvalidDataException($"{path}: at least one epoch is needed; it has none.");
    }

    static TuningTable Checked(TuningTable table, string path)
    {
        var whole = table.LearningRates.Count > 0 && table.Seeds.Count > 0 && (table.Control.Count == 0 ? [table.Student] : new[] { table.Control, table.Student })
            .All(part => part.Count == table.LearningRates.Count && part.All(row => row.Count == table.Seeds.Count));
        return whole ? table : throw new InvalidDataException(FormattableString.Invariant(
            $"{path}: control and student must have an accuracy for each of {table.LearningRates.Count} rates and {table.Seeds.Count} seeds."));
    }

    static SearchTable Checked(SearchTable table, string path) =>
        new[] { table.Student, table.Control }.OfType<SearchedSide>().All(side => side.Chosen >= 1 && side.Chosen <= side.Trials.Count
            && side.Trials.All(trial => trial.Scores.Count > 0) && side.Best.Settings.Count > 0)
        ? table : throw new InvalidDataException($"{path}: each side must have trials with scores, and choose one of them.");

    // a pair shares teacher, network, initial weights, order, augmentation and steps: what the cards say must bear it out
    void Check(string folder)
    {
        var teacherHash = Teacher is null ? null : Teacher.Card.GivenHash ?? Hash(Path.Combine(folder, "networks", "teacher", "model.safetensors"), folder);
        foreach (var network in Controls.Concat(Students).Concat(Students.SelectMany(student => student.Stages)).Concat(Teacher is null ? [] : [Teacher]))
        {
            var card = network.Card;
            if (card.DataHash != Card.DataHash) throw Differs(card, "data", card.DataHash, Card.DataHash);
            if (card.Role == "student" && card.TeacherHash != teacherHash)
                throw Differs(card, "teacher", card.TeacherHash ?? "none", teacherHash ?? "none");
            if (!SameExamples(network.Test, Students[0].Test) || !SameExamples(network.Validation, Students[0].Validation)
                || (network.LastTest is { } last && !SameExamples(last, Students[0].Test))
                || (network.Training is { } training && Students[0].Training is { } learned && !SameExamples(training, learned)))
                throw Differs(card, "examples", "answers to some", "answers to others");
            if (network.Test.Width != Classes.Count)
                throw Differs(card, "number of classes", $"{network.Test.Width}", $"{Classes.Count}");
        }
        foreach (var student in Students) CheckStages(student, folder);
        for (var i = 0; i < Card.Seeds.Count; i++)
        {
            var student = Students[i].Card;
            if (student.Seed != Card.Seeds[i]) throw Differs(student, "seed", $"{student.Seed}", $"{Card.Seeds[i]}");
            if (Controls.Count == 0) continue;
            var control = Controls[i].Card;
            if (control.Seed != student.Seed) throw Differs(control, "seed", $"{control.Seed}", $"{student.Seed}");
            if (control.Steps != student.Steps)
                throw Differs(control, "number of steps", $"{control.Steps}", $"{student.Steps}");
            if (!JsonNode.DeepEquals(control.Network, student.Network))
                throw Differs(control, "network", control.Network.ToJsonString(), student.Network.ToJsonString());
            if (!JsonNode.DeepEquals(control.Augmentation, student.Augmentation))
                throw Differs(control, "augmentation", control.Augmentation?.ToJsonString() ?? "none",
                    student.Augmentation?.ToJsonString() ?? "none");
        }

        InvalidDataException Differs(NetworkConfig card, string what, string came, string expected) => new(
            $"{Path.Combine(folder, "networks", card.Part, "config.json")}: networks that are compared must share the {what}; "
            + $"{came} came where the others have {expected}.");
    }

    // each stage must have been taught by the one the student's card names, and the last must be the student
    static void CheckStages(NetworkData student, string folder)
    {
        var at = Path.Combine(folder, "networks", student.Card.Part);
        foreach (var (stage, network) in (student.Card.Stages ?? []).Zip(student.Stages))
        {
            var taught = stage.Teacher is null ? null : Hash(Path.Combine(at, stage.Teacher, "model.safetensors"), folder);
            if (network.Card.TeacherHash != taught) throw new InvalidDataException(
                $"{Path.Combine(at, stage.Part, "config.json")}: its teacher must be {stage.Teacher ?? "none"}, with the hash {taught ?? "of none"}; {network.Card.TeacherHash ?? "none"} came.");
        }
        if (student.Card.Stages is [.., var last] && Hash(Path.Combine(at, last.Part, "model.safetensors"), folder) != Hash(Path.Combine(at, "model.safetensors"), folder))
            throw new InvalidDataException($"{Path.Combine(at, "model.safetensors")} must be that of {last.Part}, the last of its stages.");
    }

    /// <summary>Whether both answer to the same examples, in the same order.</summary>
    public static bool SameExamples(Predictions one, Predictions other) => one.Width == other.Width && one.Ids.AsSpan().SequenceEqual(other.Ids) && one.Labels.AsSpan().SequenceEqual(other.Labels);

    static string Hash(string path, string run)
    {
        using var file = File.OpenRead(Existing(path, run));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    static T Json<T>(string path, string run, string what) where T : class => JsonFile.Read<T>(Existing(path, run), what);

    static string Existing(string path, string run) => File.Exists(path) ? path : throw new InvalidDataException(
        File.Exists(Path.Combine(run, "run.json"))
        ? $"{path} is missing: this run is not finished; `retort run` with --resume goes on with it."
        : $"{run} is no run folder: it has no run.json.");
}
