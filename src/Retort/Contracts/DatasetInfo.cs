using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>What a network must know about the data before it is built; stored in its <c>config.json</c>.</summary>
public sealed record DatasetInfo
{
    /// <summary>What the targets are.</summary>
    public TargetKind Targets { get; init; }

    /// <summary>
    /// The names of classes, labels, values or actions, in the order of their indices: one for each logit. Empty
    /// without targets.
    /// </summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The student's inputs.</summary>
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>
    /// Names of a table's columns in the order of the input's values, or of the columns of texts; null where it has
    /// none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The actions of an environment; null of data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ActionSpace? Actions { get; init; }

    /// <summary>
    /// The score that results on this data are usually compared by, as <c>primary</c> of a task; null for the task's
    /// own. It counts where the recipe names no task.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UsualScore { get; init; }

    /// <summary>The teacher's inputs where they differ from the student's; otherwise null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TensorSpec>? TeacherInputs { get; init; }

    /// <summary>The info that a trained teacher is built with: its inputs are the teacher's.</summary>
    [JsonIgnore]
    public DatasetInfo ForTeacher =>
        TeacherInputs is null ? this : this with { Inputs = TeacherInputs, TeacherInputs = null };

    /// <summary>The normalization of the only input that has one; null where none has.</summary>
    [JsonIgnore]
    public Normalization? Normalization =>
        Inputs.SingleOrDefault(input => input.Normalization is not null)?.Normalization;

    /// <summary>Channels, height and width of images, or of spectrograms.</summary>
    [JsonIgnore]
    public (long Channels, long Height, long Width) ImageShape =>
        Image is { Shape: [var channels, var height, var width] } ? (channels, height, width)
        : throw new InvalidOperationException($"This network takes images; the data has {Names}.");

    /// <summary>The input that networks for images take, images or spectrograms; null where there is none.</summary>
    [JsonIgnore]
    public TensorSpec? Image => Input(InputNames.PixelValues) ?? Input(InputNames.InputFeatures);

    /// <summary>The inputs' names, as messages list them.</summary>
    [JsonIgnore]
    public string Names => string.Join(", ", Inputs.Select(input => input.Name));

    /// <summary>The input of this name; null where there is none.</summary>
    public TensorSpec? Input(string name) => Inputs.FirstOrDefault(input => input.Name == name);

    /// <summary>The only input; data with other inputs than one of float32 and fixed sizes is refused.</summary>
    /// <param name="who">The subject of the message: <c>mlp</c>.</param>
    public TensorSpec OnlyInput(string who) => Inputs is [{ Type: TensorType.Float32, Varies: false } only] ? only
        : throw new InvalidOperationException($"{who} takes one float32 input of fixed sizes; the data has "
            + $"{(Inputs.Count == 0 ? "none" : string.Join(", ", Inputs))}.");
}
