using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Runs;
using Retort.Teachers.Cache;

namespace Retort.Report;

/// <summary>
/// <c>results.json</c>: what a run found. Shares are fractions; the rest is nats, bytes, milliseconds.
/// </summary>
public sealed record Results
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Rises when a key changes its meaning.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The recipe.</summary>
    public required NamedHash Recipe { get; init; }

    /// <summary>The data.</summary>
    public required DatasetSummary Data { get; init; }

    /// <summary>What is learned and how it is scored.</summary>
    public required TaskSummary Task { get; init; }

    /// <summary>The seeds; values of control and student are in this order.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Intra-op threads of each training.</summary>
    public required int Threads { get; init; }

    /// <summary>Program, engine, .NET, system and processor, by name.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>What to know before the figures, each with one thing to do; absent where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Finding>? Findings { get; init; }

    /// <summary>Whether it helped; absent without a control.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Verdict? Verdict { get; init; }

    /// <summary>The primary score of each seed's control and student, on test; absent without a control.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Pair>? Pairs { get; init; }

    /// <summary>
    /// (student - control) / (teacher - control) of the primary score's means on test; absent where the teacher is not
    /// better than the control.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GapClosed { get; init; }

    /// <summary>The teacher; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelResults? Teacher { get; init; }

    /// <summary>
    /// The same network, initial weights and number of steps without teacher and method; the same examples in the same
    /// order where all have targets. Absent where nothing is compared: no teacher, and no method but the labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelResults? Control { get; init; }

    /// <summary>The student.</summary>
    public required ModelResults Student { get; init; }

    /// <summary>
    /// What a procedure trained, one network after another; the last is the student. Absent for a loss.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StageResults>? Stages { get; init; }

    /// <summary>
    /// The terms of the method's loss on validation; absent in a folder of an earlier version, and where a procedure
    /// trains its student by no loss.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LossTermsResults? LossTerms { get; init; }

    /// <summary>How the teacher's outputs were cached and what that lost; absent without a cache.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CacheSummary? Cache { get; init; }

    /// <summary>
    /// The search over options or, with tuning, over the learning rate; absent where the recipe has none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchTable? Search { get; init; }

    /// <summary>
    /// What only the task has: for classification <see cref="Tasks.ClassificationDetails"/>. Absent for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Details { get; init; }
}

/// <summary>A task and its scores.</summary>
/// <param name="Name">As in a recipe.</param>
/// <param name="Primary">The name of the score that selects on validation and that the verdict is about.</param>
/// <param name="Scores">Those that the run has, the primary one first.</param>
public sealed record TaskSummary(string Name, string Primary, IReadOnlyList<Score> Scores)
{
    /// <summary>The primary score.</summary>
    [JsonIgnore]
    public Score PrimaryScore => Scores.FirstOrDefault(score => score.Name == Primary)
        ?? throw new InvalidDataException($"The task's scores have none of the name \"{Primary}\", its primary one.");
}

/// <summary>A name and the SHA-256 that it stands for.</summary>
public sealed record NamedHash(string Name, string Hash);

/// <summary>The data of a run.</summary>
public sealed record DatasetSummary(string Name, string Hash, IReadOnlyList<string> Classes, SplitSizes Examples);

/// <summary>A cache of the teacher's outputs.</summary>
/// <param name="Codec">How numbers are stored.</param>
/// <param name="Views">Views of each training example.</param>
/// <param name="Bytes">Of its files.</param>
/// <param name="Errors">What that lost, output by output, measured on everything that was written.</param>
public sealed record CacheSummary(string Codec, int Views, long Bytes, IReadOnlyList<CodecError> Errors);

/// <summary>
/// Teacher, control or student: scores with the weights best on validation, and what the network costs.
/// </summary>
public sealed record ModelResults
{
    /// <summary>On test, by the scores' names.</summary>
    public required IReadOnlyDictionary<string, SeedStatistics> Scores { get; init; }

    /// <summary>The same with the weights of the last epoch; absent for a pretrained teacher.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, SeedStatistics>? LastEpoch { get; init; }

    /// <summary>On validation, by the scores' names.</summary>
    public required IReadOnlyDictionary<string, SeedStatistics> Validation { get; init; }

    /// <summary>Of initial weights, order and augmentation; empty for a pretrained teacher.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The network as the recipe names it; for a pretrained teacher the teacher.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>
    /// The fingerprint of a pretrained teacher, the same before and after every student; absent for a trained network.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GivenHash { get; init; }

    /// <summary>
    /// The method as the recipe names it; absent for a pretrained teacher, and for a control that is not trained since
    /// the data has no targets.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Method { get; init; }

    /// <summary>
    /// How it was trained, with the learning rate that a search found; absent for a pretrained teacher.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Training { get; init; }

    /// <summary>
    /// Steps of its training, of a procedure's student those of the last network; absent for a pretrained teacher.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Steps { get; init; }

    /// <summary>Steps of all trainings and loops of a procedure together; absent for a loss.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? StepsInAll { get; init; }

    /// <summary>
    /// What its procedure chose or measured, by name, such as a number of neighbors; absent where it has none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, SeedStatistics>? Figures { get; init; }

    /// <summary>The steps after which validation was best; empty for a pretrained teacher.</summary>
    public required IReadOnlyList<long> BestSteps { get; init; }

    /// <summary>What one network costs; absent for a pretrained teacher that cannot be inspected.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InferenceCost? Cost { get; init; }

    /// <summary>How long one forward takes; absent for a pretrained teacher that cannot be inspected.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LatencySummary? Latency { get; init; }
}

/// <summary>One network of a procedure, over seeds: scores with the weights best on validation.</summary>
public sealed record StageResults
{
    /// <summary>Its folder's name in the student's.</summary>
    public required string Part { get; init; }

    /// <summary>Of initial weights, order and augmentation.</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>The stage that is its teacher; absent for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Teacher { get; init; }

    /// <summary>The temperature of its distillation loss; absent for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeedStatistics? Temperature { get; init; }

    /// <summary>On test, by the scores' names.</summary>
    public required IReadOnlyDictionary<string, SeedStatistics> Scores { get; init; }

    /// <summary>On validation, by the scores' names.</summary>
    public required IReadOnlyDictionary<string, SeedStatistics> Validation { get; init; }
}

/// <summary>Quantiles of each network's latency samples, in milliseconds.</summary>
/// <param name="Engine">What ran it.</param>
/// <param name="Batch">Examples a call.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <param name="Samples">Calls of each network.</param>
/// <param name="P10">One call in ten is faster.</param>
/// <param name="Median">Every other call is faster.</param>
/// <param name="P90">Nine calls in ten are faster.</param>
public sealed record LatencySummary(string Engine, int Batch, int Threads, int Samples,
    SeedStatistics P10, SeedStatistics Median, SeedStatistics P90);
