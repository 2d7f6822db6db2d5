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
        var runs = NamedRun.ReadAll(folders);
        return Refusal(runs, unit, teacherSize) is { } reason ? throw new InvalidDataException(reason)
            : Of(runs, alpha, unit, teacherSize);
    }

    /// <summary>Ranks runs that <see cref="Refusal"/> has nothing against.</summary>
    internal static Ranking Of(IReadOnlyList<NamedRun> runs, double alpha, SizeUnit unit, long? teacherSize)
    {
        var first = runs.First(run => run.Data.Teacher is not null);
        var (task, network) = (first.Data.Task, first.Data.Teacher!);
        var size = teacherSize ?? Size(network, unit)!.Value;
        var best = Evaluated(first.Data, network)[task.Primary.Name];
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

    /// <summary>Why runs cannot be ranked by the distillation score; null where they can.</summary>
    internal static string? Refusal(IReadOnlyList<NamedRun> runs, SizeUnit unit, long? teacherSize)
    {
        var primary = runs[0].Data.Task.Primary;
        if (!CanRank(primary)) return "The distillation score needs a share of which more is better, as accuracy; "
            + $"{runs[0].Name} is scored by {primary.Title}.";
        if (runs.FirstOrDefault(run => run.Data.Teacher is not null) is not { } first) return
            "None of these runs has a teacher, with which students are compared: name one that has first.";
        if (teacherSize is null && Size(first.Data.Teacher!, unit) is null) return
            $"The teacher of {first.Name} is pretrained and cannot be inspected: give its size with --teacher-size "
            + "(`retort inspect` counts a graph's).";
        return Evaluated(first.Data, first.Data.Teacher!).ContainsKey(primary.Name) ? null
            : $"The teacher of {first.Name} has no {primary.Title} of its own, with which students could be compared.";
    }

    static IEnumerable<string> OtherTeachers(IReadOnlyList<NamedRun> runs, NamedRun first)
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

    /// <summary>The scores of a run's network on test.</summary>
    internal static IReadOnlyDictionary<string, double> Evaluated(RunData run, NetworkData network)
    {
        var teacher = run.Teacher is { } its && network != its ? its.Predictions.Test : null;
        return run.Task.Evaluate(network.Predictions.Test, teacher, network.Predictions.Training);
    }

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
