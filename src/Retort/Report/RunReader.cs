using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Report;

/// <summary>Reads the files of a finished run folder and checks each by itself.</summary>
sealed class RunReader(string folder)
{
    LearningTask _task = null!;

    public RunData Read()
    {
        var (runFile, search, cache) = (At("run.json"), At("search.json"), At("cache.json"));
        var info = Json<RunInfo>(runFile, "a run");
        if (info.Recipe is not JsonObject)
            throw new InvalidDataException($"{runFile}: a recipe is an object; this one is none.");
        if (info.Seeds.Count == 0)
            throw new InvalidDataException($"{runFile}: a run has at least one seed; it has none.");
        if (info.Seeds.Distinct().Count() < info.Seeds.Count)
            throw new InvalidDataException($"{runFile}: a run's seeds must differ; one is there twice.");

        _task = TaskOf($"student-seed{info.Seeds[0]}");
        var hasTeacher = info.Recipe["teacher"] is not null;
        var hasMethod = JsonFile.NameIn(info.Recipe["method"]) is { } method
            && ControlMethods.HasControl(method);
        var hasControl = hasTeacher || hasMethod;
        var run = new RunData
        {
            Info = info,
            Task = _task,
            Teacher = hasTeacher ? Network("teacher") : null,
            Controls = hasControl ? [.. info.Seeds.Select(seed => Network($"control-seed{seed}"))] : [],
            Students = [.. info.Seeds.Select(seed => Network($"student-seed{seed}"))],
            Cache = File.Exists(cache) ? CacheManifest.Read(cache) : null,
            Search = File.Exists(search) ? Checked(Json<SearchTable>(search, "the search"), search) : null,
        };
        run.Check(folder);
        return run;
    }

    string At(string name) => Path.Combine(folder, name);

    LearningTask TaskOf(string part)
    {
        var own = Path.Combine(folder, "networks", part);
        var config = Config(own);
        try
        {
            return config.TaskOf();
        }
        catch (Exception error) when (error is InvalidOperationException or InvalidDataException)
        {
            throw new InvalidDataException($"{Path.Combine(own, NetworkFiles.Config)}: {error.Message}", error);
        }
    }

    NetworkData Network(string part)
    {
        var own = Path.Combine(folder, "networks", part);
        var (best, latency) = (Path.Combine(own, PredictionsFile.Name), Path.Combine(own, "latency.json"));
        var config = Config(own);
        var training = Path.Combine(own, PredictionsFile.TrainingName);
        var predictions = new NetworkPredictions(Split(best, "validation"), Split(best, "test"))
        {
            Training = File.Exists(training) ? Split(training, "training") : null,
        };
        if (config.GivenHash is not null)
            return new(config, predictions, File.Exists(latency) ? Samples(latency, isPretrained: true) : null, []);

        List<NetworkData> stages = [.. config.Stages?.Select(stage => Network($"{part}/{FolderOf(stage)}")) ?? []];
        predictions = predictions with
        {
            LastEpochTest = Split(Path.Combine(own, PredictionsFile.LastEpochName), "test"),
            Stages = [.. stages.Select((network, k) => new StagePredictions(config.Stages![k], network.Predictions))],
            Steps = stages.Count == 0 ? config.Steps
                : stages.Sum(stage => stage.Predictions.Steps) + (config.OtherSteps ?? 0),
        };
        return new(config, predictions, config.Role == "stage" ? null : Samples(latency, isPretrained: false),
            Epochs(Path.Combine(own, "metrics.jsonl"), isTeacher: config.Role == "teacher"))
        {
            Stages = stages,
            LossTerms = Terms(Path.Combine(own, ValidationTerms.FileName)),
            Measurements = Measured(Path.Combine(own, Measurements.FileName), config.Data.Classes.Count),
        };

        string FolderOf(Stage? stage) =>
            stage?.Part is { Length: > 0 } name && name == Path.GetFileName(name) && name is not ("." or "..") ? name
            : throw new InvalidDataException($"{Path.Combine(own, NetworkFiles.Config)}: a stage must be named like "
                + $"its folder beside the file; it is \"{stage?.Part}\".");
    }

    Predictions Split(string path, string split)
    {
        var found = PredictionsFile.Read(Existing(path), split);
        if (found.Output != _task.Stored) throw new InvalidDataException(
            $"{path}, {split}: the task \"{_task.Name}\" scores {_task.Stored}; {found.Output} came.");
        try
        {
            _task.Evaluate(found);                                          // refuses what cannot be scored
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{path}, {split}: {error.Message}", error);
        }
        return found;
    }

    ValidationTerms? Terms(string path)
    {
        if (!File.Exists(path)) return null;

        var terms = Json<ValidationTerms>(path, "loss terms on validation");
        return terms.Student is { Count: > 0 } || terms.LeftOut is { Length: > 0 } ? terms
            : throw new InvalidDataException($"{path}: it must have terms of the student, or leftOut; it has neither.");
    }

    Measurements? Measured(string path, int classes)
    {
        if (!File.Exists(path)) return null;

        var measured = Json<Measurements>(path, "what a procedure measured");
        var curve = measured.Curves?.FirstOrDefault(one => one.Epochs.Count != one.Values.Count
            || !one.Epochs.Concat(one.Values).All(double.IsFinite));
        if (curve is not null) throw new InvalidDataException(
            $"{path}: a curve must have a finite value for each epoch; \"{curve.Name}\" has other values.");

        LearnedSection.Check(measured.Learned, path, classes);
        var example = measured.Examples?.Examples.FirstOrDefault(
            one => one.Position < 0 || one.Label < -1 || one.Label >= classes || !double.IsFinite(one.Value));
        return example is null ? measured : throw new InvalidDataException(Invariant(
            $"{path}: an example must have a position of at least 0, a label of -1 to {classes - 1} and a finite ")
            + $"value; {example} came.");
    }

    // null: a pretrained teacher that cannot be inspected has no samples
    LatencySamples? Samples(string path, bool isPretrained)
    {
        var found = Json<LatencySamples>(path, "how long a network takes");
        return found.Milliseconds.Count > 0 ? found : isPretrained ? null
            : throw new InvalidDataException($"{path}: at least one sample is needed; it has none.");
    }

    List<EpochMetrics> Epochs(string path, bool isTeacher)
    {
        List<EpochMetrics> lines = [.. MetricsLog.Read(Existing(path))];
        if (lines.Count == 0) throw new InvalidDataException($"{path}: at least one epoch is needed; it has none.");

        if (isTeacher) return lines;                                        // it may be selected by another score

        var primary = _task.Primary.Name;
        var without = lines.FindIndex(line => !line.Validation.ContainsKey(primary));
        return without < 0 ? lines : throw new InvalidDataException(Invariant(
            $"{path}, line {without + 1}: validation must have the task's primary score \"{primary}\"."));
    }

    static SearchTable Checked(SearchTable table, string path)
    {
        var complete = new[] { table.Student, table.Control, table.Teacher }.OfType<SearchedSide>().All(side =>
            side.Chosen >= 1 && side.Chosen <= side.Trials.Count && side.Best.Settings.Count > 0
            && side.Trials.All(trial => trial.Scores.Count > 0
                && side.Best.Settings.Keys.All(trial.Settings.ContainsKey)));
        return complete ? table : throw new InvalidDataException(
            $"{path}: each side must have trials with scores and the same options, and choose one of them.");
    }

    // where the file is missing, Existing says why
    NetworkConfig Config(string network) =>
        NetworkFiles.ReadConfig(Path.GetDirectoryName(Existing(Path.Combine(network, NetworkFiles.Config)))!);

    T Json<T>(string path, string what) where T : class => JsonFile.Read<T>(Existing(path), what);

    string Existing(string path) => Existing(path, folder);

    /// <summary>The same path where the file exists; else a sentence that says whether the folder is a run.</summary>
    public static string Existing(string path, string run) => File.Exists(path) ? path : throw new InvalidDataException(
        File.Exists(Path.Combine(run, "run.json"))
            ? $"{path} is missing: this run is not finished; `retort run` with --resume goes on with it."
            : $"{run} is no run folder: it has no run.json.");
}
