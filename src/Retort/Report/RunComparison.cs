using System.Text.Json;
using System.Text.Json.Nodes;

namespace Retort.Report;

/// <summary>
/// The students of several runs compared: paired differences where the runs allow it, then the distillation score.
/// </summary>
public sealed record RunComparison
{
    const int MostNamed = 3;

    /// <summary>The runs in the order in which they were named.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The name of the first run's data.</summary>
    public required string Data { get; init; }

    /// <summary>The task of all runs, with its primary score alone.</summary>
    public required TaskSummary Task { get; init; }

    /// <summary>Each two runs that can be paired, in the order in which they were named.</summary>
    public required IReadOnlyList<PairedStudents> Paired { get; init; }

    /// <summary>Which runs cannot be paired and why, one sentence a reason.</summary>
    public required IReadOnlyList<string> Unpaired { get; init; }

    /// <summary>What else to know of the paired differences.</summary>
    public required IReadOnlyList<string> PairingNotes { get; init; }

    /// <summary>The students by their distillation score; null where they cannot be ranked.</summary>
    public required Ranking? Ranking { get; init; }

    /// <summary>Why the students have no distillation score; null where they have.</summary>
    public required string? Unranked { get; init; }

    /// <summary>Compares finished runs, all tested on the same examples.</summary>
    /// <param name="folders">The runs; a student is called as its run's folder is.</param>
    /// <param name="alpha">Of the distillation score: from 0 (the primary score alone) to 1 (size alone).</param>
    /// <param name="unit">What sizes are counted in.</param>
    /// <param name="teacherSize">The teacher's, where the run does not know it: a pretrained graph.</param>
    /// <exception cref="InvalidDataException">
    /// A folder is no finished run, the runs have different tasks or test examples, or they can neither be paired nor
    /// ranked.
    /// </exception>
    public static RunComparison Of(IReadOnlyList<string> folders, double alpha = 0.5,
        SizeUnit unit = SizeUnit.Parameters, long? teacherSize = null)
    {
        var runs = NamedRun.ReadAll(folders);
        List<(NamedRun First, NamedRun Second, string? Reason)> twos =
        [
            .. from i in Enumerable.Range(0, runs.Count)
               from j in Enumerable.Range(i + 1, runs.Count - i - 1)
               select (runs[i], runs[j], PairingRule.Difference(runs[i], runs[j])),
        ];
        var paired = twos.Where(two => two.Reason is null).ToList();
        var unranked = Ranking.Refusal(runs, unit, teacherSize);
        if (unranked is not null && paired.Count == 0) throw new InvalidDataException(unranked);

        var task = runs[0].Data.Task;
        return new()
        {
            Runs = [.. runs.Select(run => run.Name)],
            Data = runs[0].Data.Info.DataName,
            Task = new(task.Name, task.Primary.Name, [task.Primary]),
            Paired = [.. paired.Select(two => PairedStudents.Of(two.First, two.Second))],
            Unpaired = [.. twos.Where(two => two.Reason is not null).GroupBy(two => two.Reason!).Select(group =>
                $"{NamesOf([.. group.Select(two => (two.First, two.Second))])} cannot be paired: {group.Key}.")],
            PairingNotes =
            [
                .. from two in paired
                   where !PairingRule.HaveSameControls(two.First.Data, two.Second.Data)
                   select ControlsNote(two.First, two.Second),
            ],
            Ranking = unranked is null ? Ranking.Of(runs, alpha, unit, teacherSize) : null,
            Unranked = unranked,
        };
    }

    /// <summary>As <c>compare.json</c>: the ranking's keys, and those of the paired differences.</summary>
    public string ToJson()
    {
        var json = Ranking is null
            ? new JsonObject { ["format"] = Results.CurrentFormat, ["task"] = Node(Task), ["unranked"] = Unranked }
            : Node(Ranking)!.AsObject();
        json["paired"] = Node(Paired);
        json["unpaired"] = Node(Unpaired);
        json["pairingNotes"] = Node(PairingNotes);
        return json.ToJsonString(Json.Indented) + "\n";

        static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Json.Indented);
    }

    static string NamesOf(IReadOnlyList<(NamedRun First, NamedRun Second)> twos)
    {
        var names = string.Join("; ", twos.Take(MostNamed).Select(two => $"{two.First.Name} and {two.Second.Name}"));
        var more = twos.Count - MostNamed;
        return more <= 0 ? names : Invariant($"{names}; and {more} more {(more == 1 ? "pair" : "pairs")}");
    }

    // of one configuration, and yet not the same: another number of threads, machine or version
    static string ControlsNote(NamedRun first, NamedRun second)
    {
        var score = first.Data.Task.Primary;
        return $"The controls of {first.Name} and {second.Name} have one configuration and different predictions "
            + $"({score.Title} {Mean(first)} and {Mean(second)}): threads, machine or version differ.";

        string Mean(NamedRun run) => score.ShortWithUnit(
            run.Data.Controls.Average(control => Ranking.Evaluated(run.Data, control)[score.Name]));
    }
}
