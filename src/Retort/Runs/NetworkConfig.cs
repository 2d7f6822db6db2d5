using System.Text.Json.Nodes;
using Retort.Recipes;

namespace Retort.Runs;

/// <summary>A network's <c>config.json</c>: enough to build it again and to say where it came from.</summary>
public sealed record NetworkConfig
{
    /// <summary><c>teacher</c>, <c>control-seed1</c>, <c>student-seed1</c>, …</summary>
    public required string Part { get; init; }

    /// <summary><c>teacher</c>, <c>control</c>, <c>student</c>, or <c>stage</c> of a procedure.</summary>
    public required string Role { get; init; }

    /// <summary>The network as a recipe names it; of a teacher that was given, the teacher as the recipe names it.</summary>
    public required JsonNode Network { get; init; }

    /// <summary>Classes, input shapes and normalization.</summary>
    public required DatasetInfo Data { get; init; }

    /// <summary>The task as a recipe names it; null in files of earlier versions: what the data's targets are for.</summary>
    public JsonNode? Task { get; init; }

    /// <summary>The augmentation it was trained under, as the recipe has it; null for none.</summary>
    public JsonNode? Augmentation { get; init; }

    /// <summary>The method as a recipe names it; null for a teacher that was given.</summary>
    public required JsonNode? Method { get; init; }

    /// <summary>How it was trained; null for a teacher that was given.</summary>
    public required JsonNode? Training { get; init; }

    /// <summary>Of initial weights, order and augmentation; 0 for a teacher that was given.</summary>
    public required int Seed { get; init; }

    /// <summary>Steps taken in all; 0 for a teacher that was given.</summary>
    public required long Steps { get; init; }

    /// <summary>The step after which validation was best; these weights are in <c>model.safetensors</c>.</summary>
    public required long BestStep { get; init; }

    /// <summary>Of a teacher that was given: what it said it is (<see cref="ITeacher.Fingerprint"/>). Null for what was trained here.</summary>
    public string? GivenHash { get; init; }

    /// <summary>Of a trial of a learning rate whose loss stopped being a number: where and why. Such a trial has no weights.</summary>
    public string? Diverged { get; init; }

    /// <summary>SHA-256 of the data.</summary>
    public required string DataHash { get; init; }

    /// <summary>
    /// SHA-256 of the teacher's <c>model.safetensors</c>, or <see cref="GivenHash"/> of one that was given; null where there
    /// was no teacher.
    /// </summary>
    public string? TeacherHash { get; init; }

    /// <summary>
    /// Of a procedure's student: the networks that were trained for it, in order, each in a folder of its own beside this card.
    /// <see cref="Steps"/> are those of one of them.
    /// </summary>
    public IReadOnlyList<Stage>? Stages { get; init; }

    /// <summary>Of a procedure's student: what it saved beside the network.</summary>
    public IReadOnlyList<Artifact>? Artifacts { get; init; }

    /// <summary>Numbers that training moves; null, as the three below, for a given teacher that cannot be looked into.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Bytes of all parameters and buffers in float32.</summary>
    public required long? Bytes { get; init; }

    /// <summary>Multiplications followed by an addition, for one example.</summary>
    public required long? MultiplyAdds { get; init; }

    /// <summary>The most bytes of intermediate results that live at one time, for one example.</summary>
    public required long? ActivationBytes { get; init; }

    /// <summary>The task on the data that the network was trained on.</summary>
    public LearningTask TaskOf()
    {
        var options = Task is null ? Recipe.TaskOf(Data.Targets) : Recipe.Read<TaskOptions>(Task, $"{Part}'s config.json");
        return options.Build(Data);
    }
}
