namespace Retort.Contracts;

/// <summary>An opened data set: its splits, and the hash that reports quote.</summary>
public sealed class Dataset
{
    /// <summary>Its name in reports.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of contents, splits and normalization; lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>What was left out of the files, and why: a sentence each; empty for nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is wrong with the files, for the console and the report; empty for nothing.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Files that a deployed student needs beside its graph; empty for none.</summary>
    public IReadOnlyList<StudentFile> StudentFiles { get; init; } = [];

    /// <summary>The words whose vectors the examples are made of; null for other data.</summary>
    public WordVectors? Words { get; init; }

    /// <summary>All examples that the student may be trained on, labelled or not.</summary>
    public required IDataSplit Training { get; init; }

    /// <summary>The examples of <see cref="Training"/> with targets; all of them unless set.</summary>
    public IDataSplit Labelled { get => field ?? Training; init; }

    /// <summary>
    /// What a teacher that the recipe trains is trained on: <see cref="Training"/> with every label of the files, also
    /// where control and student get only some of the labels.
    /// </summary>
    public IDataSplit TeacherTraining { get => field ?? Training; init; }

    /// <summary>The split that weights and options are selected on.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>The split that the reported scores are computed on, once.</summary>
    public required IDataSplit Test { get; init; }

    /// <inheritdoc cref="IDataSplit.Info"/>
    public DatasetInfo Info => Training.Info;
}
