using Retort.Data.Images;

namespace Retort.Data.Parquet;

/// <summary>
/// Options of Parquet files as Hugging Face has them: pictures as PNG or JPEG bytes (a column with <c>bytes</c> and
/// <c>path</c>, or of bytes), else columns of numbers as features; a column of labels. One file, split by seed, or a folder
/// whose files or folders begin with train, val, test.
/// </summary>
public sealed record ParquetOptions : ImageDataOptions
{
    /// <summary>The column with the class, whole numbers or names; <c>label</c>, or the only one that the file calls a class, unless given.</summary>
    public string? Label { get; init; }

    /// <summary>The column with the pictures; the only one of bytes unless given.</summary>
    public string? Image { get; init; }

    /// <summary>In a folder: what the name of a training file, or of a folder it lies in, is like.</summary>
    public string TrainingFiles { get; init; } = "train*";

    /// <summary>The same of validation files.</summary>
    public string ValidationFiles { get; init; } = "val*";

    /// <summary>The same of test files.</summary>
    public string TestFiles { get; init; } = "test*";

    protected internal override Examples Read() => new ParquetSet(this).Read();

    /// <summary>
    /// The texts of a set whose examples are texts: no network of this version takes them, programs may.
    /// </summary>
    /// <param name="column">The column; the only one of texts unless given.</param>
    public LabelledTexts ReadTexts(string? column = null) => new ParquetSet(this).ReadTexts(column);
}

/// <summary>Texts and their classes, in the order of the files: training, validation, test.</summary>
/// <param name="Texts">[N]</param>
/// <param name="Labels">Class numbers. [N]</param>
/// <param name="Classes">Names, in the order of their numbers.</param>
/// <param name="OwnValidation">How many of the last are validation and test.</param>
/// <param name="OwnTest">How many of the last are test.</param>
public sealed record LabelledTexts(
    IReadOnlyList<string> Texts, IReadOnlyList<int> Labels, IReadOnlyList<string> Classes, int OwnValidation, int OwnTest);
