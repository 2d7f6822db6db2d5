using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// In a share of the showings the whole picture gives way to one that shows nothing: every number drawn evenly from black
/// to white (arXiv:2106.05945, §5, "Noise").
/// </summary>
public sealed record UniformNoiseOptions : AugmentationOptions
{
    /// <summary>The share. The paper has .2.</summary>
    [Share] public double Share { get; init; } = 0.2;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        if (!chance.Bernoulli(Share)) return;
        for (var c = 0; c < canvas.Channels; c++)
            foreach (ref var value in example.Slice(c * canvas.Area, canvas.Area))
                value = (float)chance.Uniform(shades.Black[c], shades.White[c]);
    }

    public override void Check(Examples examples) => CheckPictures(examples, "static");
}
