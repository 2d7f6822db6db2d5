using System.Text.Json.Serialization;
using Retort.Runs;

namespace Retort.Contracts;

/// <summary>What a network must know of the data before it is built; kept in its <c>config.json</c>.</summary>
public sealed record DatasetInfo
{
    /// <summary>The classes' names, in the order of their numbers.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Shapes of the inputs by name, without the batch: <c>pixels</c> [C, H, W] or <c>features</c> [D].</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<long>> Inputs { get; init; }

    /// <summary>What was done to the numbers that were read before a network sees them; null where nothing was.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Pictures' channels, height and width.</summary>
    [JsonIgnore]
    public (long Channels, long Height, long Width) ImageShape => Inputs.TryGetValue("pixels", out var shape)
        ? (shape[0], shape[1], shape[2])
        : throw new InvalidOperationException($"This network wants pictures; the data has {string.Join(", ", Inputs.Keys)}.");

    /// <summary>How many numbers one example has in its only input.</summary>
    [JsonIgnore]
    public long Flat => Inputs.Values.Single().Aggregate(1L, (product, size) => product * size);
}

/// <summary>x' = (x / <see cref="Scale"/> - mean) / sd, channel by channel.</summary>
/// <param name="Scale">The largest value of the file: 255 for bytes. A network of pictures is exported for pixels from 0 to 1, which 1 is white in.</param>
/// <param name="Mean">Of the training part, after the scaling; one a channel.</param>
/// <param name="StandardDeviation">Of the training part, after the scaling; one a channel.</param>
public sealed record Normalization(double Scale, IReadOnlyList<double> Mean, IReadOnlyList<double> StandardDeviation)
{
    /// <summary>The same in terms of another scale: x' stays what it is, since mean and deviation are scaled along.</summary>
    internal Normalization Over(double scale) => scale.Equals(Scale) ? this
        : new(scale, [.. Mean.Select(mean => mean * Scale / scale)], [.. StandardDeviation.Select(sd => sd * Scale / scale)]);
}
