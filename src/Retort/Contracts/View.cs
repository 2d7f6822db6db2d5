namespace Retort.Contracts;

/// <summary>An augmented view of an example: a function of seed, pass and example id, nothing else.</summary>
/// <param name="Seed">The seed of the augmentation.</param>
/// <param name="Pass">How many times the data has been passed through before.</param>
public readonly record struct View(long Seed, int Pass)
{
    /// <summary>The example as it is in the file, for evaluation.</summary>
    public static View Plain { get; } = new(0, -1);

    /// <summary>Whether there is no augmentation.</summary>
    public bool IsPlain => Pass < 0;
}
