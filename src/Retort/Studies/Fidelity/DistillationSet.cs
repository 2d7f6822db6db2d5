using Retort.Data.Augmentation;

namespace Retort.Studies.Fidelity;

/// <summary>Examples of the training split, in the study's order, and their augmentation.</summary>
sealed record DistillationSet
{
    /// <summary>The index of the first example.</summary>
    public int From { get; init; }

    /// <summary>The number of examples; null: all that follow.</summary>
    public int? Count { get; init; }

    /// <summary>The augmentations, in order.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>Whether the study's out-of-domain images are added.</summary>
    public bool OutOfDomain { get; init; }
}
