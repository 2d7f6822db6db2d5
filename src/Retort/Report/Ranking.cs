using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Runtime.Metrics;

namespace Retort.Report;

/// <summary>What a size is counted in.</summary>
[JsonConverter(typeof(SizeUnitNames))]
public enum SizeUnit
{
    /// <summary>Trainable parameters.</summary>
    Parameters,

    /// <summary>Of parameters and buffers in float32.</summary>
    Bytes,

    /// <summary>For one example.</summary>
    MultiplyAdds,
}

sealed class SizeUnitNames() : JsonStringEnumConverter<SizeUnit>(System.Text.Json.JsonNamingPolicy.CamelCase);

/// <summary>The students of several runs in the order of their distillation score, lowest first.</summary>
public sealed record Ranking
{
    /// <summary>Rises when a key changes its meaning.</summary>
    public int Format { get; init; } = 2;

    /// <summary>The weight of size against the primary score.</summary>
    public required double Alpha { get; init; }

    /// <summary>What sizes are counted in.</summary>
    public required SizeUnit Unit { get; init; }

    /// <summary>The task of all runs, with its primary score alone.</summary>
    public required TaskSummary Task { get; init; }

    /// <summary>The teacher that all students are compared with: that of the first run which has one.</summary>
    public required RankedTeacher Teacher { get; init; }

    /// <summary>The lowest mean score first.</summary>
    public required IReadOnlyList<RankedStudent> Students { get; init; }

    /// <summary>Where, as α grows, two neighbors of the order change places.</summary>
    public required IReadOnlyList<Turn> Turns { get; init; }

    /// <summary>What makes the order doubtful.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Ranks finished runs, all tested on the same examples.</summary>
    /// <param name="folders">The runs; a student is called as its run's folder is.</param>
    /// <param name="alpha">From 0 (the primary score alone) to 1 (size alone).</param>
    /// <param name="unit">What sizes are counted in.</param>
    /// <param name="teacherSize">The teacher's, where the run does not know it: a pretrained graph.</param>
    /// <exception cref="InvalidDataException">
    /// A folder is no finished run, the runs have different tasks or test examples, their primary score is no share of
    /// which more is better, or none has a teacher.
    /// </exception>
    public static Ranking Of(IReadOnlyList<string> folders, double alpha = 0.5, SizeUnit unit = SizeUnit.Parameters,
        long? teacherSize = null)
    {
        List<NamedRun> runs = [.. folders.Select(NamedRun.Read)];
        Check(runs);
        var first = runs.FirstOrDefault(run => run.Data.Teacher is not null) ?? throw new InvalidDataException(
            "None of these runs has a teacher, with which students are compared: name one that has first.");
        var (task, network) = (first.Data.Task, first.Data.Teacher!);
        var size = teacherSize ?? Size(network, unit) ?? throw new InvalidDataException(
            $"The teacher of {first.Name} is pretrained and cannot be inspected: give its size with --teacher-size "
            + "(`retort inspect` counts a graph's).");
        if (!Evaluated(first.Data, network).TryGetValue(task.Primary.Name, out var best))
            throw new InvalidDataException($"The teacher of {first.Name} has no {task.Primary.Title} of its own, with "
                + "which students could be compared.");

        var teacher = new RankedTeacher(first.Name, best, task.WorstClass(network.Predictions.Test), size);
        var students = runs.Select(run => Ranked(run, teacher, unit, alpha)).OrderBy(one => one.Score.Mean).ToList();
        students = [.. students.Select(one => one with { OnFront = !students.Any(other => Beats(other, one)) })];
        return new()
        {
            Alpha = alpha,
            Unit = unit,
            Task = new(task.Name, task.Primary.Name, [task.Primary]),
            Teacher = teacher,
            Students = students,
            Turns = TurnsOf(students),
            Warnings = [.. RankingWarnings.Of(alpha, task.Primary, students), .. OtherTeachers(runs, first)],
        };
    }

    /// <summary>The distillation score divides scores, so they must be shares of which more is better.</summary>
    internal static bool CanRank(Score score) => score is { Unit: ScoreUnit.Percent, HigherIsBetter: true };

    /// <summary>The order at another α: places in <see cref="Students"/>.</summary>
    internal static IReadOnlyList<int> Order(IReadOnlyList<RankedStudent> students, double alpha) =>
        [.. Enumerable.Range(0, students.Count).OrderBy(i => students[i].ScoreAt(alpha))];

    sealed record NamedRun(string Name, RunData Data)
    {
        public static NamedRun Read(string folder) =>
            new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), RunData.Read(folder));
    }

    static void Check(List<NamedRun> runs)
    {
        if (runs.GroupBy(run => run.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
            throw new InvalidDataException($"Two of the runs are called {twice}: students are named after their run's "
                + "folder, so each needs a name of its own.");
        var first = runs[0];
        if (!CanRank(first.Data.Task.Primary)) throw new InvalidDataException(
            $"The distillation score needs a share of which more is better, as accuracy; {first.Name} is scored by "
            + $"{first.Data.Task.Primary.Title}.");
        foreach (var (name, run) in runs.Skip(1))
        {
            if (run.Task.Name != first.Data.Task.Name || run.Task.Primary != first.Data.Task.Primary)
                throw new InvalidDataException(
                    $"{name} has the task \"{run.Task.Name}\", scored by {run.Task.Primary.Title}, and {first.Name} "
                    + $"has \"{first.Data.Task.Name}\", by {first.Data.Task.Primary.Title}: only runs with the same "
                    + "task and primary score can be ranked.");
            if (!RunData.SameExamples(run.Students[0].Predictions.Test, first.Data.Students[0].Predictions.Test))
                throw new InvalidDataException($"{name} was tested on other examples than {first.Name}: only runs with "
                    + "the same test split can be ranked.");
        }
    }

    static IEnumerable<string> OtherTeachers(List<NamedRun> runs, NamedRun first)
    {
        var own = first.Data.Students[0].Config.TeacherHash;
        List<string> others =
        [
            .. runs.Where(run => run.Data.Students[0].Config.TeacherHash is { } hash && hash != own)
                .Select(run => run.Name),
        ];
        if (others.Count > 0)
            yield return $"{string.Join(", ", others)} had another teacher; all are compared with that of "
                + $"{first.Name}.";
    }

    static RankedStudent Ranked(NamedRun run, RankedTeacher teacher, SizeUnit unit, double alpha)
    {
        var (config, primary) = (run.Data.Students[0].Config, run.Data.Task.Primary.Name);
        var size = Size(run.Data.Students[0], unit)!.Value;
        var (students, controls) = (Primaries(run.Data.Students), Primaries(run.Data.Controls));
        var scores = students.Select(Scored).ToList();
        var controlScores = controls.Select(value => Scored(value).Value).ToList();
        var worst = run.Data.Students.Select(student => run.Data.Task.WorstClass(student.Predictions.Test)).ToList();
        var hasControl = controls.Count > 0;
        return new()
        {
            Run = run.Name,
            Method = config.Method!,
            Network = config.Network,
            Seeds = [.. run.Data.Students.Select(student => student.Config.Seed)],
            Size = size,
            SizeRatio = (double)size / teacher.Size,
            Primary = SeedStatistics.Of(students),
            WorstClass = worst.Any(one => one is null) ? null : SeedStatistics.Of([.. worst.Select(one => one!.Value)]),
            PrimaryLoss = SeedStatistics.Of([.. scores.Select(score => score.AccuracyLoss)]),
            Score = SeedStatistics.Of([.. scores.Select(score => score.Value)]),
            ControlPrimary = hasControl ? SeedStatistics.Of(controls) : null,
            ControlScore = hasControl ? SeedStatistics.Of(controlScores) : null,
            Difference = hasControl
                ? Interval.Of([.. scores.Zip(controlScores, (score, control) => score.Value - control)]) : null,
        };

        DistillationScore Scored(double value) =>
            DistillationScore.Of(size, teacher.Size, value, teacher.Primary, alpha);

        List<double> Primaries(IReadOnlyList<NetworkData> networks) =>
            [.. networks.Select(network => Evaluated(run.Data, network)[primary])];
    }

    static IReadOnlyDictionary<string, double> Evaluated(RunData run, NetworkData network) => run.Task.Evaluate(
        network.Predictions.Test, run.Teacher is { } teacher && network != teacher ? teacher.Predictions.Test : null,
        network.Predictions.Training);

    static long? Size(NetworkData network, SizeUnit unit) => unit switch
    {
        SizeUnit.Bytes => network.Config.Bytes,
        SizeUnit.MultiplyAdds => network.Config.MultiplyAdds,
        _ => network.Config.Parameters,
    };

    static bool Beats(RankedStudent one, RankedStudent other) =>
        one.Size <= other.Size && one.Primary.Mean >= other.Primary.Mean
        && (one.Size < other.Size || one.Primary.Mean > other.Primary.Mean);

    static IReadOnlyList<Turn> TurnsOf(List<RankedStudent> students) =>
    [
        .. from i in Enumerable.Range(0, students.Count)
           from j in Enumerable.Range(i + 1, students.Count - i - 1)
           let alpha = DistillationScore.BreakEven(students[i].Terms, students[j].Terms)
           where alpha is not null
           orderby alpha
           select new Turn(alpha.Value, students[i].Run, students[j].Run),
    ];
}

/// <summary>The teacher that students are compared with.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Primary">Its primary score on test.</param>
/// <param name="WorstClass">
/// The share of correct predictions on its worst class; null for a task without classes.
/// </param>
/// <param name="Size">In the ranking's unit.</param>
public sealed record RankedTeacher(string Run, double Primary,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? WorstClass, long Size);

/// <summary>Two students have the same score at this α.</summary>
public sealed record Turn(double Alpha, string One, string Other);

/// <summary>A run's student and its score, on test, over seeds.</summary>
public sealed record RankedStudent
{
    /// <summary>Its run.</summary>
    public required string Run { get; init; }

    /// <summary>As the recipe names it.</summary>
    public required JsonNode Method { get; init; }

    /// <summary>As the recipe names it.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>In this order values stand.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>In the ranking's unit.</summary>
    public required long Size { get; init; }

    /// <summary>Divided by the teacher's: the score's first term, before its weight.</summary>
    public required double SizeRatio { get; init; }

    /// <summary>The primary score.</summary>
    public required SeedStatistics Primary { get; init; }

    /// <summary>The share of correct predictions on its worst class; null for a task without classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeedStatistics? WorstClass { get; init; }

    /// <summary>1 − primary score / the teacher's: the second term, before its weight.</summary>
    public required SeedStatistics PrimaryLoss { get; init; }

    /// <summary>Computed for each seed, then averaged.</summary>
    public required SeedStatistics Score { get; init; }

    /// <summary>The primary score of the same network without the method; null where the run has no control.</summary>
    public SeedStatistics? ControlPrimary { get; init; }

    /// <summary>The control's score.</summary>
    public SeedStatistics? ControlScore { get; init; }

    /// <summary>Score of the student − score of its control, paired by seed; below 0 the method is worth it.</summary>
    public Interval? Difference { get; init; }

    /// <summary>Whether no other student is as small and as good, and better in one of the two.</summary>
    public bool OnFront { get; init; }

    internal DistillationScore Terms => new(0.5, SizeRatio, PrimaryLoss.Mean);

    internal double ScoreAt(double alpha) => (Terms with { Alpha = alpha }).Value;
}
