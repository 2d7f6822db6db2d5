using System.Text.Json.Serialization;
using Retort.Runtime.Metrics;

namespace Retort.Tasks;

/// <summary>What <c>results.json</c> has under <c>details</c> for a classification run.</summary>
public sealed record ClassificationDetails
{
    /// <summary>The teacher's; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelDetails? Teacher { get; init; }

    /// <summary>The control's; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelDetails? Control { get; init; }

    /// <summary>The student's.</summary>
    public required ModelDetails Student { get; init; }

    /// <summary>
    /// Of the networks that a procedure trained, in order; absent for a loss, and where the run did not store their
    /// predictions on the training examples.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StageConfidence>? Stages { get; init; }

    /// <summary>Accuracy by class, on test.</summary>
    public required IReadOnlyList<ClassAccuracy> Classes { get; init; }

    /// <summary>The student's most frequent confusions on test, all seeds together; at most twenty.</summary>
    public required IReadOnlyList<Confusion> Confusions { get; init; }

    /// <summary>
    /// Test examples that the teacher predicts correctly and students do not, at most twenty-four: those that most
    /// seeds get wrong, and with most confidence, first.
    /// </summary>
    public required IReadOnlyList<Misclassified> Misclassified { get; init; }
}

/// <summary>Calibration and confidence of teacher, control or student.</summary>
public sealed record ModelDetails
{
    /// <summary>On test, after temperature scaling; absent from results of an earlier version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScaledScores? Scaled { get; init; }

    /// <summary>
    /// On the training examples, at temperature 1; absent where the run did not store those predictions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainingConfidence? TrainingConfidence { get; init; }

    /// <summary>Confidence and accuracy on test by bins of confidence, all seeds together.</summary>
    public required IReadOnlyList<ConfidenceBin> Reliability { get; init; }
}

/// <summary>Scores on test with logits divided by a temperature that is fitted on validation.</summary>
/// <param name="Temperature">The one with the lowest NLL on validation.</param>
/// <param name="Nll">On test.</param>
/// <param name="Ece">On test.</param>
public sealed record ScaledScores(SeedStatistics Temperature, SeedStatistics Nll, SeedStatistics Ece);

/// <summary>How confident networks are of the labels they were trained on, and how that varies over examples.</summary>
/// <param name="LabelConfidence">Mean probability of the label.</param>
/// <param name="Uncertainty">Mean entropy of the predicted distribution, nats.</param>
/// <param name="Diversity">
/// Differential entropy of the labels' probabilities by their nearest neighbors (k = 3), nats.
/// </param>
/// <param name="Variance">Of the labels' probabilities.</param>
/// <param name="Histogram">The same entropy from a histogram of twenty bins, nats.</param>
/// <param name="Floored">Examples whose third neighbor is nearer than 1e-12.</param>
public sealed record TrainingConfidence(SeedStatistics LabelConfidence, SeedStatistics Uncertainty,
    SeedStatistics Diversity, SeedStatistics Variance, SeedStatistics Histogram, SeedStatistics Floored);

/// <summary>One network of a procedure.</summary>
/// <param name="Part">Its folder's name in the student's.</param>
/// <param name="TrainingConfidence">On the training examples, at temperature 1.</param>
/// <param name="AsTeacher">The same at the temperature at which it taught the next; absent for the last.</param>
public sealed record StageConfidence(string Part, TrainingConfidence TrainingConfidence,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TrainingConfidence? AsTeacher = null);

/// <summary>Accuracy on one class of the test split, mean over seeds.</summary>
/// <param name="Name">The class.</param>
/// <param name="Examples">How many test examples have this label.</param>
/// <param name="Teacher">Null without a teacher.</param>
/// <param name="Control">Null without a control.</param>
/// <param name="Student">The student's.</param>
public sealed record ClassAccuracy(string Name, int Examples, double? Teacher, double? Control, double Student);

/// <summary>Examples of one class predicted as another: the share of the class, mean over seeds.</summary>
/// <param name="Label">The class.</param>
/// <param name="Predicted">What it is predicted as.</param>
/// <param name="Teacher">Null without a teacher.</param>
/// <param name="Control">Null without a control.</param>
/// <param name="Student">The student's.</param>
public sealed record Confusion(string Label, [property: JsonPropertyName("answer")] string Predicted,
    double? Teacher, double? Control, double Student);

/// <summary>A test example that the teacher predicts correctly and students do not.</summary>
/// <param name="Id">Its id in the data set.</param>
/// <param name="Position">Its position in the test split.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">What most students that are wrong predict.</param>
/// <param name="Confidence">The student's probability of that class, mean over the seeds that predict it.</param>
/// <param name="TeacherConfidence">The teacher's probability of the label.</param>
/// <param name="StudentsWrong">How many seeds' students are wrong.</param>
/// <param name="ControlsWrong">How many seeds' controls are wrong.</param>
public sealed record Misclassified(long Id, int Position, string Label,
    [property: JsonPropertyName("answer")] string Predicted, double Confidence, double TeacherConfidence,
    int StudentsWrong, int ControlsWrong);
