using System.Text.Json;
using Retort.Runs;
using Retort.Training;
using Scores = System.Collections.Generic.IReadOnlyDictionary<string, double>;

namespace Retort.Report;

/// <summary>Computes the results of a run from its folder's contents.</summary>
sealed class Comparison
{
    readonly RunData _run;
    readonly LearningTask _task;

    // on test, seed by seed
    readonly List<Scores> _controlScores, _studentScores;

    Comparison(RunData run)
    {
        _run = run;
        _task = run.Task;
        _controlScores = Evaluated(run.Controls, network => network.Test, run.Teacher);
        _studentScores = Evaluated(run.Students, network => network.Test, run.Teacher);
        foreach (var (network, scores) in run.Controls.Concat(run.Students).Zip(_controlScores.Concat(_studentScores)))
            if (!scores.ContainsKey(_task.Primary.Name)) throw new InvalidDataException(
                $"{network.Config.Part}: the task's primary score \"{_task.Primary.Name}\" cannot be computed from the "
                + "stored predictions" + (_task.ScoresNeedTraining && network.Predictions.Training is null
                    ? $"; {PredictionsFile.TrainingName} is missing." : "."));
    }

    public static (Results Results, TaskDetails? Details) Of(RunData run)
    {
        var details = run.Task.Details(run.Predictions);
        return (new Comparison(run).Compute(details), details);
    }

    Results Compute(TaskDetails? details)
    {
        var info = _run.Info;
        var hasControl = _run.Controls.Count > 0;
        var pairs = _run.Students.Select((_, i) => hasControl ? PairOf(i) : null).OfType<Pair>().ToList();
        var student = Model(_run.Students, _studentScores, _run.Teacher);
        var control = hasControl ? Model(_run.Controls, _controlScores, _run.Teacher) : null;
        var teacher = _run.Teacher is null ? null
            : Model([_run.Teacher], Evaluated([_run.Teacher], network => network.Test, null), null);
        var findings = new RunFindings(_run, teacher, control).All();
        return new()
        {
            Findings = findings.Count > 0 ? findings : null,
            Recipe = new(info.RecipeName, info.RecipeHash),
            Data = new(info.DataName, info.DataHash, _run.Data.Classes, info.Examples),
            Task = new(_task.Name, _task.Primary.Name,
                [.. _task.Scores.Where(score => student.Scores.ContainsKey(score.Name))]),
            Seeds = info.Seeds,
            Threads = info.Threads,
            Versions = info.Versions,
            Verdict = hasControl ? Verdict.Of(_task.Primary, pairs, info.Examples, BestOfSearch(), Subject()) : null,
            Pairs = hasControl ? pairs : null,
            GapClosed = GapClosed(teacher, control, student),
            Teacher = teacher,
            Control = control,
            Student = student,
            Stages = _run.Students[0].Stages.Count == 0 ? null
                : [.. _run.Students[0].Stages.Select((_, k) => Stage(k))],
            LossTerms = LossTermsResults.Of(_run.Students),
            Cache = _run.Cache is { } cache
                ? new(cache.Identity.Codec, cache.Identity.Views, cache.Bytes, cache.Errors) : null,
            Search = _run.Search,
            Details = details is null ? null
                : JsonSerializer.SerializeToNode(details.Record, details.Record.GetType(), Json.Indented),
        };
    }

    // the best that a search found on validation, for control and student
    (double Control, double Student)? BestOfSearch() => _run.Search is { Control: { } control, Student: var student }
        ? (control.Best.Scores[^1].Score ?? 0, student.Best.Scores[^1].Score ?? 0) : null;

    /// <summary>What the verdict is about: distillation, or the method where there is no teacher.</summary>
    VerdictSubject Subject()
    {
        var student = _run.Students[0];
        var config = student.Config;
        var subject = _run.Teacher is not null ? VerdictSubject.Distillation
            : new(JsonFile.NameIn(config.Method) ?? "the method", 1, config.Steps);
        if (config.Stages is { } stages) subject = subject with
        {
            Trainings = student.TrainedEachFor(config.Steps) ? stages.Count : 1,
            Steps = config.Steps,
            StepsInAll = student.StepsInAll,
            ControlSteps = _run.Controls is [var control, ..] ? control.StepsInAll : 0,
        };
        var isTrained = _run.Controls is not [{ Config.Method: null }, ..];
        return isTrained ? subject : subject with { Control = "its initial weights" };
    }

    Pair PairOf(int i)
    {
        var (control, student) = (_run.Controls[i], _run.Students[i]);
        var difference = _task.Difference(
            student.Predictions.Test, control.Predictions.Test, _studentScores[i], _controlScores[i]);
        var primary = _task.Primary.Name;
        return new(student.Config.Seed, _controlScores[i][primary], _studentScores[i][primary], difference);
    }

    ModelResults Model(IReadOnlyList<NetworkData> networks, List<Scores> test, NetworkData? teacher)
    {
        var config = networks[0].Config;
        var trained = config.GivenHash is null;
        return new()
        {
            Scores = OverSeeds(test),
            LastEpoch = trained ? OverSeeds(LastEpoch(networks, teacher)) : null,
            Validation = OverSeeds(Evaluated(networks, network => network.Validation, teacher)),
            Seeds = trained ? [.. networks.Select(network => network.Config.Seed)] : [],
            Network = config.Network,
            Method = config.Method,
            Training = config.Training,
            GivenHash = config.GivenHash,
            Steps = trained ? config.Steps : null,
            StepsInAll = config.Stages is null ? null : networks[0].StepsInAll,
            Figures = Figures(networks),
            BestSteps = trained ? [.. networks.Select(network => network.Config.BestStep)] : [],
            Cost = Cost(config),
            Latency = networks[0].Latency is null ? null : Latency([.. networks.Select(network => network.Latency!)]),
        };
    }

    // those that the procedure had with every seed
    static Dictionary<string, SeedStatistics>? Figures(IReadOnlyList<NetworkData> networks)
    {
        var figures = networks.Select(network => network.Config.Figures).ToList();
        if (figures.Any(one => one is null)) return null;

        return figures[0]!.Keys.Where(name => figures.All(one => one!.ContainsKey(name)))
            .ToDictionary(name => name, name => SeedStatistics.Of([.. figures.Select(one => one![name])]));
    }

    // null for a teacher that cannot be inspected
    static InferenceCost? Cost(NetworkConfig config)
    {
        return config is { Parameters: { } parameters, Bytes: { } bytes }
            ? new(parameters, bytes, config.MultiplyAdds, config.ActivationBytes) : null;
    }

    List<Scores> Evaluated(
        IReadOnlyList<NetworkData> networks, Func<NetworkPredictions, Predictions> split, NetworkData? teacher) =>
    [
        .. networks.Select(network => _task.Evaluate(split(network.Predictions),
            teacher is null ? null : split(teacher.Predictions), network.Predictions.Training)),
    ];

    // predictions on the training split are of the best weights, not of the last
    List<Scores> LastEpoch(IReadOnlyList<NetworkData> networks, NetworkData? teacher) =>
    [
        .. networks.Select(network => _task.Evaluate(network.Predictions.LastEpochTest!, teacher?.Predictions.Test)),
    ];

    Dictionary<string, SeedStatistics> OverSeeds(List<Scores> seeds) => _task.Scores
        .Where(score => seeds.All(scores => scores.ContainsKey(score.Name)))
        .ToDictionary(score => score.Name, score => SeedStatistics.Of([.. seeds.Select(scores => scores[score.Name])]));

    StageResults Stage(int k)
    {
        List<NetworkData> networks = [.. _run.Students.Select(student => student.Stages[k])];
        var temperatures = _run.Students.Select(student => student.Config.Stages![k].Temperature).ToList();
        var stage = _run.Students[0].Config.Stages![k];
        return new()
        {
            Part = stage.Part,
            Seeds = [.. networks.Select(network => network.Config.Seed)],
            Teacher = stage.Teacher,
            Temperature = temperatures.Any(temperature => temperature is null) ? null
                : SeedStatistics.Of([.. temperatures.Select(temperature => temperature!.Value)]),
            Scores = OverSeeds(Evaluated(networks, network => network.Test, null)),
            Validation = OverSeeds(Evaluated(networks, network => network.Validation, null)),
        };
    }

    static LatencySummary Latency(IReadOnlyList<LatencySamples> networks)
    {
        var first = networks[0];
        return new(first.Engine, first.Batch, first.Threads, first.Milliseconds.Count, At(0.1), At(0.5), At(0.9));

        SeedStatistics At(double share) =>
            SeedStatistics.Of([.. networks.Select(network => Quantiles.Of(network.Milliseconds, share))]);
    }

    double? GapClosed(ModelResults? teacher, ModelResults? control, ModelResults student)
    {
        var primary = _task.Primary;
        if (teacher?.Scores.GetValueOrDefault(primary.Name) is not { Mean: var best } || control is null) return null;

        var (without, with) = (control.Scores[primary.Name].Mean, student.Scores[primary.Name].Mean);
        return primary.IsBetter(best, without) ? (with - without) / (best - without) : null;
    }
}
