using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Runs;
using Retort.Runtime.Metrics;

namespace Retort.Report;

/// <summary>What a size is counted in.</summary>
[JsonConverter(typeof(SizeUnitNames))]
public enum SizeUnit
{
    /// <summary>Numbers that training moves.</summary>
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
    public int Format { get; init; } = 1;

    /// <summary>What size weighs against accuracy.</summary>
    public required double Alpha { get; init; }

    /// <summary>What sizes are counted in.</summary>
    public required SizeUnit Unit { get; init; }

    /// <summary>The teacher that all are scored against: that of the first run which has one.</summary>
    public required RankedTeacher Teacher { get; init; }

    /// <summary>The lowest mean score first.</summary>
    public required IReadOnlyList<RankedStudent> Students { get; init; }

    /// <summary>Where, as α grows, two neighbours of the order change places.</summary>
    public required IReadOnlyList<Turn> Turns { get; init; }

    /// <summary>What a reader must know before believing the order.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Ranks finished runs, all tested on the same examples.</summary>
    /// <param name="folders">The runs; a student is called as its run's folder is.</param>
    /// <param name="alpha">From 0 (accuracy alone) to 1 (size alone).</param>
    /// <param name="unit">What sizes are counted in.</param>
    /// <param name="teacherSize">The teacher's, where the run does not know it: a graph that was given.</param>
    /// <exception cref="InvalidDataException">A folder is no finished run, the runs were tested on different examples, or none has a teacher.</exception>
    public static Ranking Of(IReadOnlyList<string> folders, double alpha = 0.5, SizeUnit unit = SizeUnit.Parameters, long? teacherSize = null)
    {
        List<(string Name, RunData Run)> runs = [.. folders.Select(folder => (Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), RunData.Read(folder)))];
        Check(runs);
        var (name, first) = runs.FirstOrDefault(run => run.Run.Teacher is not null);
        if (first?.Teacher is not { } taught) throw new InvalidDataException(
            "None of these runs has a teacher, against which students are scored: name one that has first.");
        var size = teacherSize ?? Size(taught, unit) ?? throw new InvalidDataException(
            $"The teacher of {name} was given and cannot be looked into: say its size with --teacher-size (`retort inspect` counts a graph's).");
        var teacher = new RankedTeacher(name, Accuracy.Of(taught.Test.Values, taught.Test.Labels), Worst(taught), size);
        var students = runs.Select(run => Ranked(run.Name, run.Run, teacher, unit, alpha)).OrderBy(one => one.Score.Mean).ToList();
        students = [.. students.Select(one => one with { OnFront = !students.Any(other => Beats(other, one)) })];
        return new()
        {
            Alpha = alpha, Unit = unit, Teacher = teacher, Students = students, Turns = Turning(students),
            Warnings = [.. RankingWarnings.Of(alpha, students), .. Others(runs, first, name)],
        };
    }

    /// <summary>The scores' order at another α: places in <see cref="Students"/>.</summary>
    internal static IReadOnlyList<int> Order(IReadOnlyList<RankedStudent> students, double alpha) =>
        [.. Enumerable.Range(0, students.Count).OrderBy(i => students[i].At(alpha))];

    static void Check(List<(string Name, RunData Run)> runs)
    {
        if (runs.GroupBy(run => run.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
            throw new InvalidDataException($"Two of the runs are called {twice}: students are named after their run's folder, so each needs a name of its own.");
        foreach (var (name, run) in runs.Skip(1))
            if (!RunData.SameExamples(run.Students[0].Test, runs[0].Run.Students[0].Test))
                throw new InvalidDataException($"{name} was tested on other examples than {runs[0].Name}: only runs with the same test part can be ranked.");
    }

    static IEnumerable<string> Others(List<(string Name, RunData Run)> runs, RunData first, string name)
    {
        List<string> others = [.. runs.Where(run => run.Run.Students[0].Card.TeacherHash is { } hash && hash != first.Students[0].Card.TeacherHash).Select(run => run.Name)];
        if (others.Count > 0) yield return $"{string.Join(", ", others)} had another teacher; all are scored against that of {name}.";
    }

    static RankedStudent Ranked(string name, RunData run, RankedTeacher teacher, SizeUnit unit, double alpha)
    {
        var card = run.Students[0].Card;
        var size = Size(run.Students[0], unit)!.Value;
        var (accuracies, controls) = (Accuracies(run.Students), Accuracies(run.Controls));
        var scores = accuracies.Select(Scored).ToList();
        var controlScores = controls.Select(accuracy => Scored(accuracy).Value).ToList();
        return new()
        {
            Run = name, Method = card.Method!, Network = card.Network, Seeds = [.. run.Students.Select(student => student.Card.Seed)],
            Size = size, SizeRatio = (double)size / teacher.Size,
            Accuracy = SeedStatistics.Of(accuracies),
            WorstClass = SeedStatistics.Of([.. run.Students.Select(Worst)]),
            AccuracyLoss = SeedStatistics.Of([.. scores.Select(score => score.AccuracyLoss)]),
            Score = SeedStatistics.Of([.. scores.Select(score => score.Value)]),
            ControlAccuracy = controls.Count == 0 ? null : SeedStatistics.Of(controls),
            ControlScore = controls.Count == 0 ? null : SeedStatistics.Of(controlScores),
            Difference = controls.Count == 0 ? null : Interval.Of([.. scores.Zip(controlScores, (mine, its) => mine.Value - its)]),
        };

        DistillationScore Scored(double accuracy) => DistillationScore.Of(size, teacher.Size, accuracy, teacher.Accuracy, alpha);

        static List<double> Accuracies(IReadOnlyList<NetworkData> networks) => [.. networks.Select(network => Accuracy.Of(network.Test.Values, network.Test.Labels))];
    }

    static long? Size(NetworkData network, SizeUnit unit) => unit switch
    {
        SizeUnit.Bytes => network.Card.Bytes,
        SizeUnit.MultiplyAdds => network.Card.MultiplyAdds,
        _ => network.Card.Parameters,
    };

    static double Worst(NetworkData network) =>
        ConfusionCounts.Counts([network]).Select((answers, label) => (Right: answers[label], All: answers.Sum())).Where(one => one.All > 0).Min(one => (double)one.Right / one.All);

    static bool Beats(RankedStudent one, RankedStudent other) => one.Size <= other.Size && one.Accuracy.Mean >= other.Accuracy.Mean
        && (one.Size < other.Size || one.Accuracy.Mean > other.Accuracy.Mean);

    static IReadOnlyList<Turn> Turning(List<RankedStudent> students) =>
    [
        .. from i in Enumerable.Range(0, students.Count)
           from j in Enumerable.Range(i + 1, students.Count - i - 1)
           let at = DistillationScore.BreakEven(students[i].Terms, students[j].Terms)
           where at is not null
           orderby at
           select new Turn(at.Value, students[i].Run, students[j].Run),
    ];
}

/// <summary>Whom students are scored against.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Accuracy">On test.</param>
/// <param name="WorstClass">The accuracy on the class that it knows least.</param>
/// <param name="Size">In the ranking's unit.</param>
public sealed record RankedTeacher(string Run, double Accuracy, double WorstClass, long Size);

/// <summary>Two students score alike at this α.</summary>
public sealed record Turn(double Alpha, string One, string Other);

/// <summary>A run's student and its score; figures on test, over seeds.</summary>
public sealed record RankedStudent
{
    public required string Run { get; init; }
    public required JsonNode Method { get; init; }
    public required JsonNode Network { get; init; }
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>In the ranking's unit.</summary>
    public required long Size { get; init; }

    /// <summary>Through the teacher's: the score's first term, before its weight.</summary>
    public required double SizeRatio { get; init; }

    public required SeedStatistics Accuracy { get; init; }

    /// <summary>The accuracy on the class that it knows least: what a mean hides.</summary>
    public required SeedStatistics WorstClass { get; init; }

    /// <summary>1 − accuracy through the teacher's: the second term, before its weight.</summary>
    public required SeedStatistics AccuracyLoss { get; init; }

    /// <summary>Computed for each seed, then averaged.</summary>
    public required SeedStatistics Score { get; init; }

    /// <summary>Of the same network without the method; null where the run has no control.</summary>
    public SeedStatistics? ControlAccuracy { get; init; }

    /// <summary>Its score.</summary>
    public SeedStatistics? ControlScore { get; init; }

    /// <summary>Score of the student − score of its control, paired by seed; below 0 the method is worth it.</summary>
    public Interval? Difference { get; init; }

    /// <summary>Whether no other student is as small and as accurate, and better in one of the two.</summary>
    public bool OnFront { get; init; }

    internal DistillationScore Terms => new(0.5, SizeRatio, AccuracyLoss.Mean);

    internal double At(double alpha) => (Terms with { Alpha = alpha }).Value;
}
