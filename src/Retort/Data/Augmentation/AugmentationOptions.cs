using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// One thing done to training examples each time they are shown. What it does follows from the seed, the pass and the
/// example's id, so that a resumed run and a run on other threads see the same pictures.
/// </summary>
public abstract record AugmentationOptions
{
    /// <summary>Changes one example in place, after normalization. [C, H, W]</summary>
    /// <param name="example">Its numbers.</param>
    /// <param name="canvas">Their shape.</param>
    /// <param name="shades">What black and white have become in each channel.</param>
    /// <param name="chance">The stream of this example in this pass; the augmentations draw from it one after another.</param>
    public virtual void Change(Span<float> example, ImageSize canvas, BlackAndWhite shades, ref RandomStream chance) { }

    /// <summary>Changes a batch in place, once its examples are changed.</summary>
    public virtual void Mix(Span<float> values, HostBatch batch, ref RandomStream chance) { }

    /// <summary>Whether it makes one picture of several, so that an example's picture depends on its company.</summary>
    internal virtual bool MixesExamples => false;

    /// <summary>Refuses data that it makes no sense for, with a sentence.</summary>
    public virtual void Check(Examples examples) { }

    /// <summary>For those that move pixels about.</summary>
    private protected static void CheckPictures(Examples examples, string name)
    {
        if (examples.Input == InputNames.PixelValues) return;
        throw new InvalidDataException(
            $"{examples.Name} has {examples.Input}, not pictures; the augmentation \"{name}\" needs pictures.");
    }
}
