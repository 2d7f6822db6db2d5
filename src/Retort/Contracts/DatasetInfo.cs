using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>What the targets of a data set are.</summary>
[JsonConverter(typeof(EnumNameConverter<TargetKind>))]
public enum TargetKind
{
    /// <summary>One class an example. [B] int64</summary>
    [JsonStringEnumMemberName("class")] Class,

    /// <summary>Any number of labels an example, each 0 or 1. [B, C] float32</summary>
    [JsonStringEnumMemberName("labels")] Labels,

    /// <summary>Numbers. [B, C] float32</summary>
    [JsonStringEnumMemberName("values")] Values,

    /// <summary>None.</summary>
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>What a network must know of the data before it is built; kept in its <c>config.json</c>.</summary>
public sealed record DatasetInfo
{
    /// <summary>What the targets are.</summary>
    public TargetKind Targets { get; init; }

    /// <summary>
    /// The names of classes, labels or values, in the order of their numbers: as many as the logits are wide. Empty
    /// without targets.
    /// </summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What the student is fed.</summary>
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>What a teacher with a front end of its own is fed; null where it is fed what the student is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TensorSpec>? TeacherInputs { get; init; }

    /// <summary>The same as a network trained as the teacher is built for: its inputs are the teacher's.</summary>
    [JsonIgnore]
    public DatasetInfo ForTeacher => TeacherInputs is null ? this : this with { Inputs = TeacherInputs, TeacherInputs = null };

    /// <summary>Of the only input that has one; null where none has.</summary>
    [JsonIgnore]
    public Normalization? Normalization => Inputs.SingleOrDefault(input => input.Normalization is not null)?.Normalization;

    /// <summary>Channels, height and width of <c>pixel_values</c>.</summary>
    [JsonIgnore]
    public (long Channels, long Height, long Width) ImageShape =>
        Input(InputNames.PixelValues) is { Shape: [var channels, var height, var width] } ? (channels, height, width)
        : throw new InvalidOperationException($"This network takes images; the data has {Names}.");

    /// <summary>The input of this name; null where there is none.</summary>
    public TensorSpec? Input(string name) => Inputs.FirstOrDefault(input => input.Name == name);

    /// <summary>The inputs' names, as messages list them.</summary>
    [JsonIgnore]
    public string Names => string.Join(", ", Inputs.Select(input => input.Name));

    /// <summary>The only input, float32 and of fixed sizes; otherwise a sentence that says who wants that.</summary>
    /// <param name="who">Begins the sentence: <c>mlp</c>.</param>
    public TensorSpec OnlyInput(string who) => Inputs is [{ Type: TensorType.Float32, Varies: false } only] ? only
        : throw new InvalidOperationException(
            $"{who} takes one float32 input of fixed sizes; the data has {(Inputs.Count == 0 ? "none" : string.Join(", ", Inputs))}.");
}

/// <summary>x' = (x / <see cref="Scale"/> - mean) / sd, channel by channel.</summary>
/// <param name="Scale">The largest value of the file: 255 for bytes. An image network is exported for pixels from 0 to 1.</param>
/// <param name="Mean">Of the training split, after the scaling; one a channel.</param>
/// <param name="StandardDeviation">Of the training split, after the scaling; one a channel.</param>
public sealed record Normalization(double Scale, IReadOnlyList<double> Mean, IReadOnlyList<double> StandardDeviation)
{
    /// <summary>The same for another scale: x' stays what it is, since mean and deviation are scaled along.</summary>
    internal Normalization Over(double scale) => scale.Equals(Scale) ? this
        : new(scale, [.. Mean.Select(mean => mean * Scale / scale)], [.. StandardDeviation.Select(sd => sd * Scale / scale)]);

    /// <inheritdoc/>
    public bool Equals(Normalization? other) => other is not null && Scale.Equals(other.Scale)
        && Mean.SequenceEqual(other.Mean) && StandardDeviation.SequenceEqual(other.StandardDeviation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Scale, Mean.Count);
}
