namespace Retort.Contracts;

/// <summary>Which showing of an example is meant: its augmentation is a function of seed, pass and id, nothing else.</summary>
/// <param name="Seed">The seed of the augmentation.</param>
/// <param name="Pass">How often the data has been gone through before.</param>
public readonly record struct View(long Seed, int Pass)
{
    /// <summary>As the file has it, for evaluation.</summary>
    public static View Plain { get; } = new(0, -1);

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsPlain => Pass < 0;
}
