namespace Retort.Contracts;

/// <summary>
/// What is learned and how it is scored: the supervised loss of the control and the scores of stored predictions. The
/// first score is the primary one: validation selects by it, and reports compare by it.
/// </summary>
public abstract class LearningTask
{
    /// <summary>Its name in recipes.</summary>
    public abstract string Name { get; }

    /// <summary>The output that is stored and scored.</summary>
    public abstract OutputKey Output { get; }

    /// <summary>
    /// The name of what predictions store: that of <see cref="Output"/>, where it is not computed from many outputs.
    /// </summary>
    public virtual string Stored => Output.Name;

    /// <summary>All scores, the primary one first.</summary>
    public abstract IReadOnlyList<Score> Scores { get; }

    /// <summary>The score that selects and that reports compare by.</summary>
    public Score Primary => Scores[0];

    /// <summary>
    /// The score that decides where the primary score is equal; null where the earlier epoch is taken.
    /// </summary>
    public virtual Score? TieBreaker => null;

    /// <summary>Whether a network can be trained without a teacher and without a method.</summary>
    public abstract bool HasTargets { get; }

    /// <summary>
    /// Whether the logits give class probabilities by a softmax: KD, label smoothing and mixup need it.
    /// </summary>
    public virtual bool HasClassProbabilities => false;

    /// <summary>Whether validation scores need the teacher's predictions on validation.</summary>
    public virtual bool ScoresNeedTeacher => false;

    /// <summary>
    /// The same task for a teacher that the run trains: its primary score compares with no other teacher.
    /// </summary>
    /// <exception cref="InvalidOperationException">Without a teacher there is nothing to train or to score.</exception>
    public virtual LearningTask ForTeacher => this;

    /// <summary>Whether scores need the network's predictions on the training split.</summary>
    public virtual bool ScoresNeedTraining => false;

    /// <summary>
    /// The loss on the targets alone: the control's whole loss. Mean over the examples with a target. []
    /// </summary>
    /// <exception cref="InvalidOperationException">The task has no targets.</exception>
    public abstract Tensor SupervisedLoss(Batch batch, Outputs student);

    /// <summary>Refuses an output whose primary score cannot be computed, before anything is trained.</summary>
    /// <param name="width">The numbers per example that the network outputs.</param>
    /// <param name="teacherWidth">The same of the teacher.</param>
    public virtual void CheckWidth(int width, int teacherWidth) { }

    /// <summary>All scores that can be computed from these predictions, by name.</summary>
    /// <param name="predictions">The predictions of one network on one split.</param>
    /// <param name="teacher">The teacher's predictions on the same split; null without a teacher.</param>
    /// <param name="training">The network's predictions on the training split; null where they were not stored.</param>
    public abstract IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null);

    /// <summary>The primary score and the tie-breaker alone: what the end of an epoch computes.</summary>
    public virtual IReadOnlyDictionary<string, double> EvaluateEpoch(Predictions predictions, Predictions? teacher)
    {
        var all = Evaluate(predictions, teacher);
        return new[] { Primary, TieBreaker }.OfType<Score>()
            .ToDictionary(score => score.Name, score => all[score.Name]);
    }

    /// <summary>Student minus control in the primary score.</summary>
    /// <param name="student">The student's predictions on a split.</param>
    /// <param name="control">The control's predictions on the same split.</param>
    /// <param name="studentScores">All scores of the student's predictions.</param>
    /// <param name="controlScores">All scores of the control's predictions.</param>
    public virtual double Difference(Predictions student, Predictions control,
        IReadOnlyDictionary<string, double> studentScores, IReadOnlyDictionary<string, double> controlScores) =>
        studentScores[Primary.Name] - controlScores[Primary.Name];

    /// <summary>
    /// For each class the share of its examples that are predicted correctly, and of these the lowest; null for a task
    /// that does not predict one class per example.
    /// </summary>
    internal virtual double? WorstClass(Predictions predictions) => null;

    /// <summary>
    /// How many test examples only one network of each pair predicts correctly; null for a task that does not predict
    /// one class per example.
    /// </summary>
    internal virtual ExampleChanges? Changes(IReadOnlyList<(Predictions One, Predictions Other)> pairs) => null;

    /// <summary>The supervised loss of a network that says nothing of any example; null where there is none.</summary>
    internal virtual double? LossOfGuessing => null;

    /// <summary>What a reader should know of a run before its figures, as far as only the task can see it.</summary>
    internal virtual IEnumerable<Finding> Findings(RunPredictions run) => [];

    /// <summary>What a report shows of this task beside its scores; null for nothing.</summary>
    internal virtual TaskDetails? Details(RunPredictions run) => null;

    /// <summary>Whether validation scores are better than the best so far; equal scores are not.</summary>
    public bool IsBetter(IReadOnlyDictionary<string, double> scores, IReadOnlyDictionary<string, double> than)
    {
        var (one, other) = (scores[Primary.Name], than[Primary.Name]);
        if (one != other) return Primary.IsBetter(one, other);

        return TieBreaker is { } second && second.IsBetter(scores[second.Name], than[second.Name]);
    }

    /// <summary>Refuses a method that trains the embedding alone where the task scores another output.</summary>
    public void RequireEmbedding(string method)
    {
        if (Output != Contracts.Output.Embedding) throw new InvalidOperationException(
            $"The method \"{method}\" trains the embedding and no classifier, so that it fits the task \"embedding\" "
            + $"alone; this run's task is \"{Name}\".");
    }

    /// <summary>Refuses a method that needs class probabilities where the task has none.</summary>
    public void RequireClassProbabilities(string method)
    {
        if (!HasClassProbabilities) throw new InvalidOperationException(
            $"The method \"{method}\" compares class probabilities, which only the task \"classification\" has; "
            + $"this run's task is \"{Name}\".");
    }
}
