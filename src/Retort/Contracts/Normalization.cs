namespace Retort.Contracts;

/// <summary>x' = (x / <see cref="Scale"/> - mean) / sd, channel by channel.</summary>
/// <param name="Scale">The largest value of the file: 255 for bytes. Exported image networks take pixels from 0 to
/// 1.</param>
/// <param name="Mean">The mean of each channel over the training split, after the scaling.</param>
/// <param name="StandardDeviation">The standard deviation of each channel, over the same.</param>
public sealed record Normalization(double Scale, IReadOnlyList<double> Mean, IReadOnlyList<double> StandardDeviation)
{
    /// <summary>Normalizations that a recipe can name in place of the numbers.</summary>
    public static IReadOnlyDictionary<string, Normalization> Named { get; } = new Dictionary<string, Normalization>
    {
        // of torchvision's and timm's published weights: means over ImageNet's training images
        ["imagenet"] = new(255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    };

    /// <summary>
    /// The same function with another scale: mean and deviation are scaled with it, so x' stays equal.
    /// </summary>
    internal Normalization Over(double scale) => scale.Equals(Scale) ? this
        : new(scale, Rescaled(Mean, scale), Rescaled(StandardDeviation, scale));

    public bool Equals(Normalization? other) => other is not null && Scale.Equals(other.Scale)
        && Mean.SequenceEqual(other.Mean) && StandardDeviation.SequenceEqual(other.StandardDeviation);

    public override int GetHashCode() => HashCode.Combine(Scale, Mean.Count);

    List<double> Rescaled(IReadOnlyList<double> values, double scale) =>
        [.. values.Select(value => value * Scale / scale)];
}
