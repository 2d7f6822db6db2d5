using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Recipes;

namespace Retort.Runs;

/// <summary>A network's <c>config.json</c>: enough to build it again and to say where it came from.</summary>
public sealed record NetworkConfig
{
    /// <summary><c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, …</summary>
    public required string Part { get; init; }

    /// <summary><c>teacher</c>, <c>control</c>, <c>student</c>, or <c>stage</c> of a procedure.</summary>
    public required string Role { get; init; }

    /// <summary>The network's options, as in a recipe; of a pretrained teacher the teacher's.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>SHA-256 of the file that the initial weights came from; null where all of them were drawn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PretrainedHash { get; init; }

    /// <summary>Classes, input shapes and normalization.</summary>
    public required DatasetInfo Data { get; init; }

    /// <summary>The task's options, as in a recipe; null where the data's targets decide.</summary>
    public JsonNode? Task { get; init; }

    /// <summary>The augmentation of its training, as in a recipe; null without one.</summary>
    public JsonNode? Augmentation { get; init; }

    /// <summary>The method's options, as in a recipe; null for a pretrained teacher and an untrained control.</summary>
    public required JsonNode? Method { get; init; }

    /// <summary>The training options; null for a pretrained teacher.</summary>
    public required JsonNode? Training { get; init; }

    /// <summary>The seed of initial weights, order and augmentation; 0 for a pretrained teacher.</summary>
    public required int Seed { get; init; }

    /// <summary>
    /// Steps of its training; 0 for a pretrained teacher. Of a network that a procedure trained in loops of its own:
    /// the steps of the loops since it saved a network before.
    /// </summary>
    public required long Steps { get; init; }

    /// <summary>The step after which validation was best; <c>model.safetensors</c> has the weights of it.</summary>
    public required long BestStep { get; init; }

    /// <summary>
    /// The fingerprint of a pretrained teacher (<see cref="ITeacher.Fingerprint"/>); null for others.
    /// </summary>
    public string? GivenHash { get; init; }

    /// <summary>
    /// Where and why the loss of a trial stopped being finite; null where it did not. Such a trial has no weights.
    /// </summary>
    public string? Diverged { get; init; }

    /// <summary>SHA-256 of the data.</summary>
    public required string DataHash { get; init; }

    /// <summary>
    /// SHA-256 of the teacher's <c>model.safetensors</c>, or <see cref="GivenHash"/> of a pretrained one; null without
    /// a teacher.
    /// </summary>
    public string? TeacherHash { get; init; }

    /// <summary>
    /// The networks of a procedure in order, each in a folder of its own beside this file. <see cref="Steps"/> are
    /// those of the last one.
    /// </summary>
    public IReadOnlyList<Stage>? Stages { get; init; }

    /// <summary>
    /// Steps of a procedure that none of its stages counts: of loops without a network of their own, such as one that
    /// makes a data set, and of trained networks that are no stages. Null where there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? OtherSteps { get; init; }

    /// <summary>What a procedure saved besides the network.</summary>
    public IReadOnlyList<Artifact>? Artifacts { get; init; }

    /// <summary>What a procedure chose or measured, by name; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Figures { get; init; }

    /// <summary>
    /// The file of the knowledge base, beside this one, that all the network's predictions are made with; null for
    /// none.
    /// </summary>
    [JsonIgnore]
    public string? KnowledgeFile =>
        Artifacts?.FirstOrDefault(artifact => artifact.Kind == ArtifactKind.KnowledgeBase)?.Name;

    /// <summary>
    /// Trainable parameters. Null, as the three below, for a pretrained teacher where they cannot be counted.
    /// </summary>
    public required long? Parameters { get; init; }

    /// <summary>Bytes of all parameters and buffers in float32.</summary>
    public required long? Bytes { get; init; }

    /// <summary>Multiplications followed by an addition, for one example.</summary>
    public required long? MultiplyAdds { get; init; }

    /// <summary>The most bytes of intermediate results at one time, for one example.</summary>
    public required long? ActivationBytes { get; init; }

    /// <summary>The task on the data that the network was trained on.</summary>
    public LearningTask TaskOf()
    {
        var options = Task is null ? Recipe.TaskOf(Data)
            : Recipe.Read<TaskOptions>(Task, $"{Part}'s config.json");
        return options.Build(Data);
    }
}
