namespace Retort.Contracts;

/// <summary>An augmented view of an example: a function of seed, pass and example id alone.</summary>
/// <param name="Seed">The seed of the augmentation.</param>
/// <param name="Pass">The number of passes over the data before this one.</param>
public readonly record struct View(long Seed, int Pass)
{
    /// <summary>The example without augmentation, for evaluation.</summary>
    public static View Plain { get; } = new(0, -1);

    /// <summary>Whether there is no augmentation.</summary>
    public bool IsPlain => Pass < 0;
}
