namespace Retort.Contracts;

/// <summary>A data set as opened: its splits and the fingerprint that reports quote.</summary>
public sealed class Dataset
{
    /// <summary>Its name in reports.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of contents, splits and normalization; lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>Everything that the student may see.</summary>
    public required IDataSplit Training { get; init; }

    /// <summary>The examples of <see cref="Training"/> with targets; all of them unless set.</summary>
    public IDataSplit Labelled { get => field ?? Training; init; }

    /// <summary>
    /// What a recipe's own teacher is trained on: <see cref="Training"/> with every label of the files, also where
    /// control and student see only some.
    /// </summary>
    public IDataSplit TeacherTraining { get => field ?? Training; init; }

    /// <summary>Where choices are made.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>Reported once.</summary>
    public required IDataSplit Test { get; init; }

    /// <inheritdoc cref="IDataSplit.Info"/>
    public DatasetInfo Info => Training.Info;
}
