using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>Left becomes right in a share of the showings.</summary>
public sealed record FlipOptions : AugmentationOptions
{
    /// <summary>The share.</summary>
    [Share] public double Share { get; init; } = 0.5;

    public override void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance)
    {
        if (!chance.Bernoulli(Share)) return;
        for (var at = 0; at < example.Length; at += canvas.Width) example.Slice(at, canvas.Width).Reverse();
    }

    public override void Check(Examples examples) => CheckPictures(examples, "flip");
}
