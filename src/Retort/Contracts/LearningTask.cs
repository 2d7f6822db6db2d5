using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>How a score is written and compared.</summary>
[JsonConverter(typeof(EnumNameConverter<ScoreUnit>))]
public enum ScoreUnit
{
    /// <summary>A share from 0 to 1, shown in percent; differences are points.</summary>
    [JsonStringEnumMemberName("percent")] Percent,

    /// <summary>Nats.</summary>
    [JsonStringEnumMemberName("nats")] Nats,

    /// <summary>A number without a unit.</summary>
    [JsonStringEnumMemberName("number")] Number,
}

/// <summary>A score that a task computes from predictions.</summary>
/// <param name="Name">Its key in <c>results.json</c>: <c>macro_f1</c>.</param>
/// <param name="Title">How tables and sentences call it: macro F1.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="HigherIsBetter">Whether more is better.</param>
public sealed record Score(string Name, string Title, ScoreUnit Unit, bool HigherIsBetter = true)
{
    /// <summary>What it measures, for a reader who does not know it; empty where the title says it.</summary>
    [JsonIgnore]
    public string Meaning { get; init; } = "";

    /// <summary>Whether one value is better than another.</summary>
    public bool IsBetter(double value, double than) => HigherIsBetter ? value > than : value < than;

    /// <summary>The value such that more is better, for sorting.</summary>
    public double Rank(double value) => HigherIsBetter ? value : -value;
}

/// <summary>A task as a recipe names it.</summary>
public abstract record TaskOptions
{
    /// <summary>The task on this data; one that the data cannot serve is refused in one sentence.</summary>
    public abstract LearningTask Build(DatasetInfo data);
}

/// <summary>
/// What is learned and how it is scored: the supervised loss of the control and the scores of stored predictions. The
/// first score is the primary one: validation selects by it, the verdict and tables speak of it.
/// </summary>
public abstract class LearningTask
{
    /// <summary>Its name in recipes.</summary>
    public abstract string Name { get; }

    /// <summary>The output that is stored and scored.</summary>
    public abstract OutputKey Output { get; }

    /// <summary>All scores, the primary one first.</summary>
    public abstract IReadOnlyList<Score> Scores { get; }

    /// <summary>The score that decides.</summary>
    public Score Primary => Scores[0];

    /// <summary>What decides where the primary score is equal; null where only the earlier epoch does.</summary>
    public virtual Score? TieBreaker => null;

    /// <summary>Whether there is anything to learn from without a teacher or a method.</summary>
    public abstract bool HasTargets { get; }

    /// <summary>Whether logits are class scores under a softmax, which KD, label smoothing and mixup need.</summary>
    public virtual bool HasClassProbabilities => false;

    /// <summary>Whether scores of validation need the teacher's predictions there.</summary>
    public virtual bool ScoresNeedTeacher => false;

    /// <summary>Whether scores need the network's predictions on the training split.</summary>
    public virtual bool ScoresNeedTraining => false;

    /// <summary>The loss on the targets alone: the control's whole loss. Mean over the examples with a target. [] </summary>
    /// <exception cref="InvalidOperationException">The task has no targets.</exception>
    public abstract Tensor SupervisedLoss(Batch batch, Outputs student);

    /// <summary>All scores that can be computed from these predictions, by name.</summary>
    /// <param name="predictions">Of one network on one split.</param>
    /// <param name="teacher">The teacher's on the same split; null without a teacher.</param>
    /// <param name="training">The network's on the training split; null where they were not kept.</param>
    public abstract IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null);

    /// <summary>The primary score and the tie-breaker alone: what an epoch's end computes.</summary>
    public virtual IReadOnlyDictionary<string, double> EvaluateEpoch(Predictions predictions, Predictions? teacher)
    {
        var all = Evaluate(predictions, teacher);
        return new[] { Primary, TieBreaker }.OfType<Score>().ToDictionary(score => score.Name, score => all[score.Name]);
    }

    /// <summary>Student minus control in the primary score.</summary>
    /// <param name="student">On the same split as the control's.</param>
    /// <param name="control">On the same split as the student's.</param>
    /// <param name="studentScores">All scores of the student there.</param>
    /// <param name="controlScores">All scores of the control there.</param>
    public virtual double Difference(Predictions student, Predictions control,
        IReadOnlyDictionary<string, double> studentScores, IReadOnlyDictionary<string, double> controlScores) =>
        studentScores[Primary.Name] - controlScores[Primary.Name];

    /// <summary>
    /// For each class the share of its examples that are predicted correctly, and of these the lowest; null for a task
    /// that does not predict one class an example.
    /// </summary>
    internal virtual double? WorstClass(Predictions predictions) => null;

    /// <summary>What a report shows of this task beside its scores; null for nothing.</summary>
    internal virtual TaskDetails? Details(RunPredictions run) => null;

    /// <summary>Whether scores of validation are better than the best so far; of equals the earlier stays.</summary>
    public bool IsBetter(IReadOnlyDictionary<string, double> scores, IReadOnlyDictionary<string, double> than)
    {
        var (one, other) = (scores[Primary.Name], than[Primary.Name]);
        if (one != other) return Primary.IsBetter(one, other);
        return TieBreaker is { } second && second.IsBetter(scores[second.Name], than[second.Name]);
    }

    /// <summary>Refuses a method that needs class probabilities where the task has none.</summary>
    public void RequireClassProbabilities(string method)
    {
        if (!HasClassProbabilities) throw new InvalidOperationException(
            $"The method \"{method}\" compares class probabilities, which only the task \"classification\" has; "
            + $"this run's task is \"{Name}\".");
    }
}
