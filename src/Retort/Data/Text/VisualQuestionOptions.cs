using Retort.Data.Images;
using Retort.Runtime.Features;

namespace Retort.Data.Text;

/// <summary>
/// Options of questions about images, with an answer out of a list as the class: a folder in the layout of easy-VQA
/// (<c>train/questions.json</c>, <c>train/images/</c>, the same in <c>test/</c>), or a .jsonl, .csv, .tsv or
/// .parquet file with a column each for the image's file, the question and the answer.
/// </summary>
/// <remarks>
/// Validation and test examples that are taken from the training files ask about images of their own.
/// </remarks>
public sealed record VisualQuestionOptions : TextDataOptions
{
    /// <summary>The file of the validation split. Without it validation is taken from the first file.</summary>
    [RecipePath] public string? ValidationPath { get; init; }

    /// <summary>The file of the test split. Without it the test split is taken from the first file.</summary>
    [RecipePath] public string? TestPath { get; init; }

    /// <summary>The column of the images' files, whose paths are relative to the folder of the file.</summary>
    public string Image { get; init; } = "image";

    /// <summary>The column of questions.</summary>
    public string Question { get; init; } = "question";

    /// <summary>The column of answers.</summary>
    public string Answer { get; init; } = "answer";

    /// <summary>
    /// The side in pixels that every image's centre square is resized to. By default images keep their size.
    /// </summary>
    [AtLeast(1)] public int? Size { get; init; }

    /// <summary>The channels of every image, 1 or 3. By default 1 where all files are grey, and otherwise 3.</summary>
    [OneOf(1, 3)] public int? Channels { get; init; }

    /// <summary>
    /// The most pixels that an image may have, at most 500 million. A file that states more is refused before decoding.
    /// </summary>
    [Between(1, 500_000_000)] public int MaxPixels { get; init; } = 50_000_000;

    /// <summary>The normalization of pixels; computed from the training split's images unless given.</summary>
    public Normalization? Normalization { get; init; }

    public override OptionError? Validate()
    {
        if (Tokenizer is WordVectorsOptions) return new(nameof(Tokenizer),
            "must be \"learned\" or \"pretrained\": word vectors have no token ids.");
        foreach (var (name, path) in new[] { (nameof(ValidationPath), ValidationPath), (nameof(TestPath), TestPath) })
            if (path is not null && DataPath.Check(name, path) is { } wrong) return wrong;
        return base.Validate();
    }

    protected internal override Examples Read()
    {
        CheckDiffer(Path, ValidationPath, TestPath);
        var budget = new MemoryLimit(MemoryLimit);
        var reader = new QuestionFiles(this, budget);
        var set = reader.Read();
        TextRow[] rows = [.. set.Training, .. set.Validation, .. set.Test, .. set.Unlabelled];
        var files = rows.Select(row => row.Second!).Distinct(StringComparer.Ordinal).ToList();
        var images = new ImageSet(
            new ImageFolderOptions { Path = Path, Size = Size, Channels = Channels, MaxPixels = MaxPixels }, budget)
        {
            CanLeaveOut = false,
        };
        var decoded = images.Decode(files.Select(file => (file, file.OnOneLine(), reader.Content(file))));
        var (size, pixels) = images.SameSize(decoded);
        var places = files.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        return (set with
        {
            Notes = [.. SharedImages("validation", set.Validation), .. SharedImages("test", set.Test)],
            Training = Questions(set.Training),
            Validation = Questions(set.Validation),
            Test = Questions(set.Test),
            Unlabelled = Questions(set.Unlabelled),
            Images = new(new ImageExamples(size, pixels)
            {
                Name = DataPath.NameOf(Path), Classes = [], Labels = [.. Enumerable.Repeat(-1, files.Count)],
            }, [.. rows.Select(row => places[row.Second!])]),
        }).ToExamples();

        IEnumerable<string> SharedImages(string split, IReadOnlyList<TextRow> own)
        {
            var others = set.Training.Select(row => row.Second).ToHashSet();
            var shared = own.Select(row => row.Second).Distinct().Count(others.Contains);
            if (shared > 0) yield return Invariant(
                $"{shared} of the images in the {split} file are in the training file too");
        }

        static List<TextRow> Questions(IEnumerable<TextRow> rows) =>
            [.. rows.Select(row => row with { Second = null })];
    }

    internal override PreparedExamples Prepare(Examples examples, int[] training) =>
        new PreparedQuestions((TextExamples)examples, this, Normalization, training);
}
