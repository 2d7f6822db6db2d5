namespace Retort;

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

/// <summary>One part of a data set: training, validation or test.</summary>
public interface ITrainingData
{
    /// <summary>N.</summary>
    int Count { get; }

    /// <summary>What networks must know of it.</summary>
    DataFacts Facts { get; }

    /// <summary>
    /// How many showings of an example there are: 1 where it is always shown as it is, V where V views take turns, null
    /// where every pass shows it anew, so that nobody's answer to it can be kept.
    /// </summary>
    int? Views => null;

    /// <summary>What the views are drawn from: not the run's seed, so that all seeds see the same.</summary>
    long ViewSeed => 0;

    /// <summary>
    /// Fills managed arrays with these examples (positions from 0 to N - 1). Safe on any thread and never touches the
    /// engine, so that threads can work ahead of the step.
    /// </summary>
    void Prepare(ReadOnlySpan<int> positions, View view, Prepared into);
}

/// <summary>A part whose examples can be shown to a person.</summary>
public interface IPictures
{
    /// <summary>The picture as read: bytes in the order height, width, channel (1 or 3).</summary>
    (int Height, int Width, int Channels, byte[] Bytes) Picture(int position);
}

/// <summary>A data set as opened: its parts, its facts, and the fingerprint that reports quote.</summary>
public sealed class Dataset
{
    /// <summary>What a report calls it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 over contents, split and what is done to the numbers; lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>Everything the teacher may answer to.</summary>
    public required ITrainingData Training { get; init; }

    /// <summary>The part of <see cref="Training"/> with labels; the whole where all have them.</summary>
    public ITrainingData Labelled { get => field ?? Training; init; }

    /// <summary>
    /// What a recipe's own teacher is trained on: <see cref="Training"/> with every label the files have, also where
    /// control and student are shown only some.
    /// </summary>
    public ITrainingData TeacherTraining { get => field ?? Training; init; }

    /// <summary>Where choices are made.</summary>
    public required ITrainingData Validation { get; init; }

    /// <summary>Reported once.</summary>
    public required ITrainingData Test { get; init; }

    /// <inheritdoc cref="ITrainingData.Facts"/>
    public DataFacts Facts => Training.Facts;
}
