namespace Retort.Contracts;

/// <summary>A data set as opened: its parts, its facts, and the fingerprint that reports quote.</summary>
public sealed class Dataset
{
    /// <summary>What a report calls it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 over contents, split and what is done to the numbers; lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>Everything the teacher may answer to.</summary>
    public required IDataSplit Training { get; init; }

    /// <summary>The part of <see cref="Training"/> with labels; the whole where all have them.</summary>
    public IDataSplit Labelled { get => field ?? Training; init; }

    /// <summary>
    /// What a recipe's own teacher is trained on: <see cref="Training"/> with every label the files have, also where
    /// control and student are shown only some.
    /// </summary>
    public IDataSplit TeacherTraining { get => field ?? Training; init; }

    /// <summary>Where choices are made.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>Reported once.</summary>
    public required IDataSplit Test { get; init; }

    /// <inheritdoc cref="IDataSplit.Info"/>
    public DatasetInfo Info => Training.Info;
}
