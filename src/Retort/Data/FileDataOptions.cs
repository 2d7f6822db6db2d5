using Retort.Data.Augmentation;

namespace Retort.Data;

/// <summary>What the readers of files share: where, how the set is split, what is done to the numbers.</summary>
public abstract record FileDataOptions : DataOptions
{
    /// <summary>The file or folder.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// Examples taken out of the training part for validation, by a seeded shuffle: below 1 a share, from 1 on a count.
    /// A tenth unless given; not allowed where the set brings a validation part of its own.
    /// </summary>
    [ShareOrCount] public double? Validation { get; init; }

    /// <summary>
    /// Examples taken out for the test, likewise. A fifth unless given; not allowed where the set brings its own.
    /// </summary>
    [ShareOrCount] public double? Test { get; init; }

    /// <summary>The seed of every choice among examples: validation, test, limit, labels.</summary>
    public int SplitSeed { get; init; } = 1;

    /// <summary>Training examples at most, the same number of each class as far as they go; all unless given.</summary>
    [AtLeast(1)] public int? MaxExamples { get; init; }

    /// <summary>
    /// How many training examples keep their labels, the same number of each class as far as they go; all unless given.
    /// The student sees the others without a label, the control not at all.
    /// </summary>
    [AtLeast(1)] public int? LabelledExamples { get; init; }

    /// <summary>
    /// The share of the training labels, and of the validation labels as many of theirs, that are replaced by another class,
    /// each other class as likely: exactly this share of each part, chosen by <see cref="SplitSeed"/>. The test part keeps its own.
    /// </summary>
    [Share] public double LabelNoise { get; init; }

    /// <summary>What is done to the numbers; computed from the training part unless given.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>What is done to training examples, in this order, anew each time they are shown.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>
    /// How many differently augmented views of each training example there are: pass e over the data shows view e mod V,
    /// the same to every seed, so that a teacher's answers can be kept. Unless given, every pass is drawn anew. A teacher
    /// that the recipe trains learns from views drawn anew in any case.
    /// </summary>
    [AtLeast(1)] public int? Views { get; init; }

    /// <summary>Megabytes (10⁶ bytes) that the data may take in memory once read; files that would need more are refused.</summary>
    [AtLeast(1)] public int MemoryLimit { get; init; } = 2000;

    /// <summary>Everything the files have, in their order.</summary>
    protected internal abstract Examples Read();

    public override Dataset Open() => OptionRules.Check(this).Of(Loaded());

    /// <summary>What <see cref="Read"/> reads, any failure in our words.</summary>
    internal Examples Loaded()
    {
        try
        {
            return Read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{Path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The data set made of what was read: with other options it need not be read again.</summary>
    internal Dataset Of(Examples examples) => DatasetBuilder.Of(examples, this);
}
