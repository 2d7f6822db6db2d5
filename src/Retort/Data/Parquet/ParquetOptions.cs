using Retort.Data.Images;

namespace Retort.Data.Parquet;

/// <summary>
/// Options of Parquet files in Hugging Face's layout: images as the bytes of files (a column of bytes, or one with
/// <c>bytes</c> and <c>path</c>), or else columns of numbers as features, and a column of labels. Either one file that
/// is split by seed, or a folder whose files or subfolders have names that begin with train, val, test.
/// </summary>
public sealed record ParquetOptions : ImageDataOptions
{
    /// <summary>
    /// The column of labels, class indices or names. By default the only column that the file's metadata declares as
    /// class labels, or else <c>label</c>.
    /// </summary>
    public string? Label { get; init; }

    /// <summary>The column of images; by default the only column of bytes.</summary>
    public string? Image { get; init; }

    /// <summary>
    /// Columns of a table of numbers that are no features: ids, texts, lists. Others that hold no numbers are an error.
    /// </summary>
    [NotEmpty("column")] public IReadOnlyList<string>? IgnoreColumns { get; init; }

    /// <summary>In a folder: the pattern for the names of training files or of their subfolders.</summary>
    public string TrainingFiles { get; init; } = "train*";

    /// <summary>The same for validation files.</summary>
    public string ValidationFiles { get; init; } = "val*";

    /// <summary>The same for test files.</summary>
    public string TestFiles { get; init; } = "test*";

    protected internal override Examples Read() => new ParquetSet(this).Read();
}
