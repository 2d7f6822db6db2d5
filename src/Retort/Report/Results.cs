using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Report;

/// <summary><c>results.json</c>: what a run found, each figure with what it comes from. Fractions, nats, bytes, milliseconds.</summary>
public sealed record Results
{
    /// <summary>Rises when a key changes its meaning.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What was carried out.</summary>
    public required NamedHash Recipe { get; init; }

    /// <summary>What it was carried out on.</summary>
    public required DatasetSummary Data { get; init; }

    /// <summary>The pairs' seeds; values of control and student stand in this order.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Intra-op threads of each training.</summary>
    public required int Threads { get; init; }

    /// <summary>Program, engine, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Absent without a control.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Verdict? Verdict { get; init; }

    /// <summary>Control and student of each seed, on test; absent without a control.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Pair>? Pairs { get; init; }

    /// <summary>
    /// (student - control) / (teacher - control) of the mean test accuracies; absent where the teacher is not above the control.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GapClosed { get; init; }

    /// <summary>Who taught.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelResults? Teacher { get; init; }

    /// <summary>
    /// The same network, initial weights and steps without teacher and method; the same examples in the same order where all
    /// have labels. Absent where labels alone are learned from and nobody teaches.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelResults? Control { get; init; }

    /// <summary>Who learned.</summary>
    public required ModelResults Student { get; init; }

    /// <summary>What a procedure trained, one network after another; the last is the student. Absent for a loss.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StageFigures>? Stages { get; init; }

    /// <summary>How the teacher's answers were kept and what that lost; absent where it was asked itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CacheSummary? Cache { get; init; }

    /// <summary>The search of the learning rate; absent where the recipe has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TuningTable? Tuning { get; init; }

    /// <summary>The search over options; absent where the recipe has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchTable? Search { get; init; }

    /// <summary>Class by class, on test.</summary>
    public required IReadOnlyList<ClassFigures> Classes { get; init; }

    /// <summary>The student's most frequent confusions on test, all seeds together; at most twenty.</summary>
    public required IReadOnlyList<Confusion> Confusions { get; init; }

    /// <summary>What the student gets wrong and the teacher right on test; at most twenty-four, those most seeds miss first.</summary>
    public required IReadOnlyList<Misclassified> Misclassified { get; init; }
}

/// <summary>A teacher's answers in a cache.</summary>
/// <param name="Codec">How numbers were kept.</param>
/// <param name="Views">Views of each training example.</param>
/// <param name="Bytes">Of its files.</param>
/// <param name="Errors">What that lost, signal by signal, measured on everything that was written.</param>
public sealed record CacheSummary(string Codec, int Views, long Bytes, IReadOnlyList<CodecError> Errors);

/// <summary>A name and the SHA-256 it stands for.</summary>
public sealed record NamedHash(string Name, string Hash);

/// <summary>The data a run was carried out on.</summary>
public sealed record DatasetSummary(string Name, string Hash, IReadOnlyList<string> Classes, SplitSizes Examples);

/// <summary>The five figures over seeds.</summary>
public record Figures
{
    [JsonPropertyOrder(-5)] public required SeedStatistics Accuracy { get; init; }
    [JsonPropertyOrder(-5)] public required SeedStatistics Nll { get; init; }
    [JsonPropertyOrder(-5)] public required SeedStatistics Ece { get; init; }

    /// <summary>With the teacher; absent for the teacher itself, and without one.</summary>
    [JsonPropertyOrder(-5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeedStatistics? Agreement { get; init; }

    /// <summary>From the teacher; absent for the teacher itself, and without one.</summary>
    [JsonPropertyOrder(-5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeedStatistics? Kl { get; init; }
}

/// <summary>Teacher, control or student: figures on test of the weights best on validation, and what they cost.</summary>
public sealed record ModelResults : Figures
{
    /// <summary>On test, of the weights of the last epoch; absent for a teacher that was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Figures? LastEpoch { get; init; }

    /// <summary>On test, after temperature scaling; accuracy and agreement stay as they are. Absent from results of an earlier version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScaledFigures? Scaled { get; init; }

    /// <summary>On validation, of the weights best there.</summary>
    public required Figures Validation { get; init; }

    /// <summary>Of initial weights, order and augmentation; empty for a teacher that was given.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The network as the recipe names it; of a teacher that was given, the teacher.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>SHA-256 of what a teacher that was given said it is, the same before and after every student; absent for what was trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GivenHash { get; init; }

    /// <summary>The method as the recipe names it; absent for a teacher that was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Method { get; init; }

    /// <summary>
    /// How it was trained, with the learning rate that was found where there was a search; absent for a teacher that was given.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Training { get; init; }

    /// <summary>Steps of each training; absent for a teacher that was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Steps { get; init; }

    /// <summary>Steps of all trainings of a procedure together; absent for a loss.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? StepsInAll { get; init; }

    /// <summary>On what it learned from, at temperature 1; absent where a teacher taught.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConfidenceFigures? TrainingConfidence { get; init; }

    /// <summary>The steps after which validation was best; empty for a teacher that was given.</summary>
    public required IReadOnlyList<long> BestSteps { get; init; }

    /// <summary>What one network takes; absent for a given teacher that cannot be looked into.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CostFigures? Cost { get; init; }

    /// <summary>How long one forward takes; absent for a given teacher that cannot be looked into.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LatencyFigures? Latency { get; init; }

    /// <summary>Confidence and accuracy on test, all seeds together.</summary>
    public required IReadOnlyList<ConfidenceBin> Reliability { get; init; }
}

/// <summary>One network of a procedure, over seeds: figures on test of the weights best on validation.</summary>
public sealed record StageFigures : Figures
{
    /// <summary>Its folder's name in the student's.</summary>
    public required string Part { get; init; }

    /// <summary>Of first weights, order and augmentation.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The stage that taught it; absent for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Teacher { get; init; }

    /// <summary>At which that stage's answers were softened; absent for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeedStatistics? Temperature { get; init; }

    /// <summary>On validation.</summary>
    public required Figures Validation { get; init; }

    /// <summary>On what it learned from, at temperature 1.</summary>
    public required ConfidenceFigures TrainingConfidence { get; init; }

    /// <summary>On the same, at the temperature at which it taught; absent for the last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConfidenceFigures? AsTeacher { get; init; }
}

/// <summary>How sure networks are of the labels they learned from, and whether that differs from example to example.</summary>
/// <param name="LabelConfidence">Mean probability of the label.</param>
/// <param name="Uncertainty">Mean entropy of the answers, nats.</param>
/// <param name="Diversity">Differential entropy of the labels' probabilities by their nearest neighbours (k = 3), nats.</param>
/// <param name="Variance">Of the labels' probabilities.</param>
/// <param name="Histogram">The same entropy from a histogram of twenty bins, nats.</param>
/// <param name="Floored">Examples whose third neighbour lies nearer than 1e-12.</param>
public sealed record ConfidenceFigures(SeedStatistics LabelConfidence, SeedStatistics Uncertainty, SeedStatistics Diversity, SeedStatistics Variance, SeedStatistics Histogram, SeedStatistics Floored);

/// <summary>Figures on test once the logits are divided by a temperature that was fitted on validation.</summary>
/// <param name="Temperature">The lowest NLL on validation is at it.</param>
/// <param name="Nll">On test.</param>
/// <param name="Ece">On test.</param>
public sealed record ScaledFigures(SeedStatistics Temperature, SeedStatistics Nll, SeedStatistics Ece);

/// <summary>What one network takes.</summary>
/// <param name="Parameters">Numbers that training moves.</param>
/// <param name="Bytes">Of parameters and buffers in float32.</param>
/// <param name="MultiplyAdds">Multiplications followed by an addition, for one example.</param>
/// <param name="ActivationBytes">The most bytes of intermediate results that live at one time, for one example.</param>
public sealed record CostFigures(long Parameters, long Bytes, long MultiplyAdds, long ActivationBytes);

/// <summary>Quantiles of each network's samples, in milliseconds.</summary>
/// <param name="Engine">What ran it.</param>
/// <param name="Batch">Examples a call.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <param name="Samples">Calls of each network.</param>
/// <param name="P10">One call in ten is faster.</param>
/// <param name="Median">Every other call is faster.</param>
/// <param name="P90">Nine calls in ten are faster.</param>
public sealed record LatencyFigures(string Engine, int Batch, int Threads, int Samples, SeedStatistics P10, SeedStatistics Median, SeedStatistics P90);

/// <summary>One class on test: mean accuracies over seeds.</summary>
/// <param name="Name">The class.</param>
/// <param name="Examples">How many test examples have this label.</param>
/// <param name="Teacher">Null without a teacher.</param>
/// <param name="Control">Null without a control.</param>
/// <param name="Student">The student's.</param>
public sealed record ClassFigures(string Name, int Examples, double? Teacher, double? Control, double Student);

/// <summary>Examples of one class taken for another: the share of the class, mean over seeds.</summary>
public sealed record Confusion(string Label, string Answer, double? Teacher, double? Control, double Student);

/// <summary>A test example that the teacher gets right and the student wrong.</summary>
/// <param name="Id">In the data set.</param>
/// <param name="Position">In the test part.</param>
/// <param name="Label">What it is.</param>
/// <param name="Answer">What the student says most often.</param>
/// <param name="Confidence">The student's probability of that answer, mean over the seeds that give it.</param>
/// <param name="TeacherConfidence">The teacher's probability of the label.</param>
/// <param name="StudentsWrong">How many seeds' students are wrong.</param>
/// <param name="ControlsWrong">How many seeds' controls are wrong.</param>
public sealed record Misclassified(long Id, int Position, string Label, string Answer, double Confidence, double TeacherConfidence,
    int StudentsWrong, int ControlsWrong);
