using System.Text.Json.Serialization;

namespace Retort.Contracts;

/// <summary>Samples that a procedure learned, for the report.</summary>
/// <param name="Title">What they are, as a section's title: <c>Distilled samples</c>.</param>
/// <param name="Height">Of each image; 0 where the samples are no images.</param>
/// <param name="Width">Of each image.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Samples">In order.</param>
public sealed record LearnedSamples(
    string Title, int Height, int Width, int Channels, IReadOnlyList<LearnedSample> Samples);

/// <summary>One of them.</summary>
/// <param name="Label">One number for each class.</param>
public sealed record LearnedSample(IReadOnlyList<double> Label)
{
    /// <summary>The image, row by row, each pixel's channels together; null for other samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? Pixels { get; init; }

    /// <summary>The nearest words; null for other samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Words { get; init; }
}
