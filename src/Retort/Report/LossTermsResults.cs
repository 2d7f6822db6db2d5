using System.Text.Json.Serialization;
using Retort.Runs;

namespace Retort.Report;

/// <summary>
/// The terms of the method's loss on validation, by name: weighted as in training, the mean over the examples, with the
/// weights best on validation, in eval mode.
/// </summary>
public sealed record LossTermsResults
{
    /// <summary>Those of the student; absent where they were not computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, SeedStatistics>? Student { get; init; }

    /// <summary>Those of the control; absent where there is none of the student's architecture.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, SeedStatistics>? Control { get; init; }

    /// <summary>Why they were not computed; absent where they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LeftOut { get; init; }

    /// <summary>Over the students of a run; null where one has none, as in a folder of an earlier version.</summary>
    internal static LossTermsResults? Of(IReadOnlyList<NetworkData> students)
    {
        var terms = students.Select(student => student.LossTerms).OfType<ValidationTerms>().ToList();
        if (terms.Count < students.Count) return null;
        if (terms.Select(one => one.LeftOut).FirstOrDefault(reason => reason is not null) is { } reason)
            return new() { LeftOut = reason };

        return OverSeeds(terms.Select(one => one.Student)) is not { } student ? null
            : new() { Student = student, Control = OverSeeds(terms.Select(one => one.Control)) };
    }

    // the terms that every seed has
    static Dictionary<string, SeedStatistics>? OverSeeds(IEnumerable<IReadOnlyDictionary<string, double>?> found)
    {
        var seeds = found.ToList();
        if (seeds.Any(one => one is null)) return null;

        return seeds[0]!.Keys.Where(name => seeds.All(one => one!.ContainsKey(name)))
            .ToDictionary(name => name, name => SeedStatistics.Of([.. seeds.Select(one => one![name])]));
    }
}
