using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>A way to make distillation data.</summary>
public sealed record DataPolicy
{
    /// <summary>Its title in tables and charts.</summary>
    public required string Title { get; init; }

    /// <summary>The augmentations, in order; teacher and student get the same views.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>
    /// Whether the study's out-of-domain images are added to the training split; every batch has them in proportion.
    /// </summary>
    public bool OutOfDomain { get; init; }

    /// <summary>Examples of the training split; the setting's unless given.</summary>
    [AtLeast(1)] public int? Examples { get; init; }

    /// <summary>Whether the data is unlike any real data: noise, or images of something else.</summary>
    public bool Unnatural { get; init; }
}
