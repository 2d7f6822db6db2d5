using Retort.Runtime.Features;

namespace Retort.Data.Augmentation;

/// <summary>
/// An augmentation of training examples, drawn anew for each epoch. What it draws depends only on the seed, the epoch
/// and the example's id, so that a resumed run and a run with other loader threads see the same values.
/// </summary>
public abstract record AugmentationOptions
{
    /// <summary>Changes one example in place, after normalization. [C, H, W]</summary>
    /// <param name="example">The example's values.</param>
    /// <param name="size">Their shape.</param>
    /// <param name="range">The normalized values of black and white in each channel.</param>
    /// <param name="random">
    /// The random stream of this example in this epoch. The augmentations of a list draw from it one after another.
    /// </param>
    public virtual void Change(Span<float> example, ImageSize size, PixelRange range, ref RandomStream random) { }

    /// <summary>Changes a batch in place, after each of its examples was changed.</summary>
    public virtual void Mix(Span<float> values, HostBatch batch, ref RandomStream random) { }

    /// <summary>Whether it combines several examples, so that a result depends on what else is in the batch.</summary>
    internal virtual bool MixesExamples => false;

    /// <summary>Checks that the augmentation can be applied to this data.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message says why.</exception>
    public virtual void Check(NumericExamples examples) { }

    /// <summary>The check of augmentations that need images.</summary>
    private protected static void CheckHasImages(NumericExamples examples, string name)
    {
        if (examples.Input == InputNames.PixelValues) return;

        throw new InvalidDataException(
            $"{examples.Name} has {examples.Input}, not images; the augmentation \"{name}\" needs images.");
    }
}
