using Retort.Data.Augmentation;

namespace Retort.Data;

/// <summary>Options of all data that is read from files: path, splits, normalization and augmentation.</summary>
public abstract record FileDataOptions : DataOptions
{
    /// <summary>The file or folder.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// Examples that a seeded shuffle moves from the training split to validation: below 1 a share, from 1 on a count.
    /// A tenth unless given; not allowed where the files have a validation split of their own.
    /// </summary>
    public double? Validation { get; init => field = ShareOrCount(value, nameof(Validation)); }

    /// <summary>
    /// Examples that are moved to the test split in the same way. A fifth unless given; not allowed where the files
    /// have a test split of their own.
    /// </summary>
    public double? Test { get; init => field = ShareOrCount(value, nameof(Test)); }

    /// <summary>The seed of every choice of examples: for validation, test, limit and labels.</summary>
    public int SplitSeed { get; init; } = 1;

    /// <summary>
    /// The largest number of training examples, the same number of each class as far as there are so many; all unless
    /// given.
    /// </summary>
    public int? MaxExamples { get; init => field = value is { } count ? Require.Positive(count) : null; }

    /// <summary>
    /// How many training examples keep their labels, the same number of each class as far as there are so many; all
    /// unless given. The student gets the others without a label, the control does not get them.
    /// </summary>
    public int? LabelledExamples { get; init => field = value is { } count ? Require.Positive(count) : null; }

    /// <summary>
    /// The share of the training labels, and of the validation labels, that are replaced by another class, every other
    /// class with the same probability: exactly this share of each split, chosen by <see cref="SplitSeed"/>. The test
    /// labels stay as they are.
    /// </summary>
    public double LabelNoise { get; init => field = Require.Share(value); }

    /// <summary>The normalization of the inputs; computed from the training split unless given.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Augmentations of training examples, applied in this order, anew in each pass.</summary>
    public IReadOnlyList<AugmentationOptions> Augmentation { get; init; } = [];

    /// <summary>
    /// V: how many augmented views of each training example there are. Pass e over the data uses view e mod V, the same
    /// for every seed, so that a teacher's outputs can be cached. Unless given, every pass draws new views. A teacher
    /// that the recipe trains always gets new views.
    /// </summary>
    public int? Views { get; init => field = value is { } count ? Require.Positive(count) : null; }

    /// <summary>The most memory that the data may take, in megabytes (10⁶ bytes); larger files are refused.</summary>
    public int MemoryLimit { get; init => field = Require.Positive(value); } = 2000;

    /// <summary>Reads all examples of the files, in their order.</summary>
    protected internal abstract Examples Read();

    public override Dataset Open() => Build(ReadExamples());

    /// <summary>Calls <see cref="Read"/>; an error of the file system becomes a message that names the path.</summary>
    internal Examples ReadExamples()
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

    /// <summary>Builds the data set from examples that were read; other options need no second reading.</summary>
    internal Dataset Build(Examples examples) => DatasetBuilder.Of(examples, this);

    static double? ShareOrCount(double? value, string option) => value switch
    {
        null => null,
        >= 0 and < 1 => value,
        >= 1 and <= int.MaxValue when value == Math.Floor(value.Value) => value,
        _ => throw new ArgumentOutOfRangeException(option, null, FormattableString.Invariant(
            $"{option} must be a share below 1 or a whole number of examples; it is {value}.")),
    };
}
