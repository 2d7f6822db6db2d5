namespace Retort.Data;

/// <summary>Options of all data that is read from files: path, splits and labels.</summary>
public abstract record FileDataOptions : DataOptions, IValidated
{
    /// <summary>The file or folder.</summary>
    [RecipePath]
    public required string Path { get; init; }

    /// <summary>
    /// Examples that a seeded shuffle moves from the training split to validation: below 1 a share, from 1 on a count.
    /// A tenth unless given; not allowed where the files have a validation split of their own.
    /// </summary>
    [ShareOrCount] public double? Validation { get; init; }

    /// <summary>
    /// Examples that are moved to the test split in the same way. A fifth unless given; not allowed where the files
    /// have a test split of their own.
    /// </summary>
    [ShareOrCount] public double? Test { get; init; }

    /// <summary>The seed of every choice of examples: for validation, test, limit and labels.</summary>
    public int SplitSeed { get; init; } = 1;

    /// <summary>
    /// The largest number of training examples, the same number of each class as far as there are so many; all unless
    /// given.
    /// </summary>
    [AtLeast(1)] public int? MaxExamples { get; init; }

    /// <summary>
    /// How many training examples keep their labels, the same number of each class as far as there are so many; all
    /// unless given. The student gets the others without a label, the control does not get them.
    /// </summary>
    [AtLeast(1)] public int? LabelledExamples { get; init; }

    /// <summary>
    /// The share of the training labels, and of the validation labels, that are replaced by another class, every other
    /// class with the same probability: exactly this share of each split, chosen by <see cref="SplitSeed"/>. The test
    /// labels stay as they are.
    /// </summary>
    [Share] public double LabelNoise { get; init; }

    /// <summary>The most memory that the data may take, in megabytes (10⁶ bytes); larger files are refused.</summary>
    [AtLeast(1)] public int MemoryLimit { get; init; } = 2000;

    public virtual OptionError? Validate() => DataPath.Check(nameof(Path), Path);

    /// <summary>Reads all examples of the files, in their order.</summary>
    protected internal abstract Examples Read();

    /// <summary>Prepares the examples that were read, once it is known which ones are for training.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="training">The rows of the training split that have a label.</param>
    internal abstract PreparedExamples Prepare(Examples examples, int[] training);

    public override Dataset Open() => OptionRules.Check(this).Build(ReadExamples());

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
}
