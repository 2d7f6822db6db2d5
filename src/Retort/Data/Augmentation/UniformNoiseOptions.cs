using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// Replaces some images by noise: every value is drawn uniformly from black to white (arXiv:2106.05945, §5, "Noise").
/// </summary>
public sealed record UniformNoiseOptions : AugmentationOptions
{
    /// <summary>The probability that an image is replaced. The paper uses .2.</summary>
    [Share] public double Probability { get; init; } = 0.2;

    public override void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random)
    {
        if (!random.Bernoulli(Probability)) return;

        for (var c = 0; c < size.Channels; c++)
            foreach (ref var value in example.Slice(c * size.Area, size.Area))
                value = (float)random.Uniform(range.Black[c], range.White[c]);
    }

    public override void Check(NumericExamples examples) => CheckHasImages(examples, "uniform-noise");
}
