using Retort.Data.Augmentation;

namespace Retort.Data;

/// <summary>Options of images and tables of numbers: normalization and augmentation too.</summary>
public abstract record NumericDataOptions : FileDataOptions
{
    /// <summary>The normalization of the inputs; computed from the training split unless given.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>
    /// Augmentations of training examples, applied in this order, anew in each pass. <c>mixup</c> mixes whole batches,
    /// so it can only be the last.
    /// </summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>
    /// V: how many augmented views of each training example there are. Pass e over the data uses view e mod V, the same
    /// for every seed, so that a teacher's outputs can be cached. Unless given, every pass draws new views. A teacher
    /// that the recipe trains always gets new views.
    /// </summary>
    [AtLeast(1)] public int? Views { get; init; }

    public override OptionError? Validate()
    {
        if (base.Validate() is { } wrong) return wrong;

        var mixing = Augmentation.Index().FirstOrDefault(pair => pair.Item.MixesExamples, (Index: -1, Item: null!));
        return mixing.Index < 0 || mixing.Index == Augmentation.Count - 1 ? null
            : new(nameof(Augmentation), "must have \"mixup\" once and last, because it mixes examples that all others "
                + Invariant($"have changed; it is number {mixing.Index + 1} of {Augmentation.Count}."));
    }

    internal override PreparedExamples Prepare(Examples examples, int[] training) =>
        new PreparedNumbers((NumericExamples)examples, this, training);
}
