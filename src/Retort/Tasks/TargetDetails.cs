using System.Text.Json.Serialization;

namespace Retort.Tasks;

/// <summary>
/// What <c>results.json</c> has under <c>details</c> for a multi-label or regression run: the scores of each label or
/// value.
/// </summary>
/// <param name="Targets">In the order of the outputs.</param>
public sealed record TargetDetails(IReadOnlyList<TargetScores> Targets)
{
    /// <summary>Scores each label or value alone; of labels the positive examples are counted.</summary>
    internal static TargetDetails Of(
        LearningTask task, RunPredictions run, IReadOnlyList<Score> scores, bool countsPositive)
    {
        return new([.. run.Data.Classes.Select(Target)]);

        TargetScores Target(string name, int column)
        {
            var known = Column(run.Students[0].Test, column).Targets!.Where(target => !float.IsNaN(target)).ToList();
            return new(name, known.Count, Means([.. run.Students], column)!)
            {
                Positive = countsPositive ? known.Count(target => target > 0.5f) : null,
                Teacher = Means(run.Teacher is null ? [] : [run.Teacher], column),
                Control = Means(run.Controls, column),
            };
        }

        IReadOnlyDictionary<string, double>? Means(IReadOnlyList<NetworkPredictions> networks, int column)
        {
            if (networks.Count == 0) return null;

            var found = networks.Select(network => task.Evaluate(Column(network.Test, column))).ToList();
            return scores.ToDictionary(score => score.Name, score => found.Average(one => one[score.Name]));
        }
    }

    static Predictions Column(Predictions all, int column) => new()
    {
        Output = all.Output,
        Values = [.. all.Values.Where((_, i) => i % all.Width == column)],
        Width = 1,
        Labels = all.Labels,
        Targets = [.. all.Targets!.Where((_, i) => i % all.Width == column)],
        Ids = all.Ids,
    };
}

/// <summary>Scores of one label or value on test, by name, mean over seeds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Known">Test examples whose label or value is known.</param>
/// <param name="Student">The student's.</param>
public sealed record TargetScores(string Name, int Known, IReadOnlyDictionary<string, double> Student)
{
    /// <summary>Test examples that have the label; absent for values.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Positive { get; init; }

    /// <summary>The teacher's; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Teacher { get; init; }

    /// <summary>The control's; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Control { get; init; }
}
