using Retort.Data.Augmentation;

namespace Retort.Data;

/// <summary>What is done to the numbers of a split.</summary>
/// <param name="Constants">The constants of the normalization.</param>
/// <param name="Augmentation">The augmentations, in order.</param>
sealed record SplitValues(float[] Constants, IReadOnlyList<AugmentationOptions> Augmentation)
{
    /// <summary>How many views take turns; null: every pass draws new ones.</summary>
    public int? Views { get; init; }

    /// <inheritdoc cref="IDataSplit.ViewSeed"/>
    public long ViewSeed { get; init; }
}
