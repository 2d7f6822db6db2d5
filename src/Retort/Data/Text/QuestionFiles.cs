using System.Text.Json;
using Retort.Data.Images;

namespace Retort.Data.Text;

/// <summary>
/// Reads questions about images, and the images' files. The second text of a row is the path of its image's file.
/// </summary>
/// <param name="options">Files and columns.</param>
/// <param name="budget">The memory that texts and images may take.</param>
sealed class QuestionFiles(VisualQuestionOptions options, MemoryLimit budget)
{
    const string Questions = "questions.json";
    const long MaxBytes = 256_000_000;

    /// <summary>Whether a path holds questions about images: the layout of easy-VQA, or the usual columns.</summary>
    public static bool AreAt(string path)
    {
        if (Directory.Exists(path)) return File.Exists(Path.Combine(path, "train", Questions));

        var usual = new VisualQuestionOptions { Path = path };
        string[] wanted = [usual.Image, usual.Question, usual.Answer];
        return wanted.All(TextFile.ColumnsOf(path).Contains);
    }

    /// <summary>The rows of all files.</summary>
    /// <exception cref="InvalidDataException">
    /// A file is missing or damaged, or a path of an image leads out of its folder.
    /// </exception>
    public TextSet Read()
    {
        DataPath.MustExist(options.Path);
        var isFolder = Directory.Exists(options.Path);
        if (isFolder && (options.ValidationPath ?? options.TestPath) is { } other) throw new InvalidDataException(
            $"{options.Path} is a folder with splits of its own: leave out {other}, or name files for all splits.");

        return new(options.Path, null)
        {
            Training = isFolder ? OfLayout("train") : OfColumns(options.Path, options.Answer),
            Test = !isFolder ? OfColumns(options.TestPath, options.Answer)
                : Directory.Exists(Path.Combine(options.Path, "test")) ? OfLayout("test") : [],
            Validation = isFolder ? [] : OfColumns(options.ValidationPath, options.Answer),
            Unlabelled = OfColumns(options.Unlabelled, null),
        };
    }

    /// <summary>The bytes of an image's file.</summary>
    /// <exception cref="InvalidDataException">It is not there, or of another kind.</exception>
    public byte[] Content(string file)
    {
        if (!ImageKind.IsRead(file)) throw new InvalidDataException(
            $"{file.OnOneLine()} must be a PNG, JPEG, WebP or BMP file with its usual ending, as a question names it.");
        if (!File.Exists(file)) throw new InvalidDataException(
            $"{file.OnOneLine()} is not there; a question names it.");
        return new FileEntry(file, file.OnOneLine(), new FileInfo(file).Length, () => InputFile.Open(file), budget)
            .Bytes();
    }

    List<TextRow> OfColumns(string? path, string? answer)
    {
        if (path is null) return [];
        if (TextFile.Format(path) == "lines") throw new InvalidDataException(
            $"{path} must end in .jsonl, .csv, .tsv or .parquet, or be a folder with train/{Questions}.");

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var columns = new TextColumns(options.Question, options.Image, answer, null)
        {
            Names = new("question", "image", "image", "answer", "answer"),
        };
        return new TextFile(path, columns, budget).Read().ConvertAll(
            row => row with { Second = FileIn(folder, row.Second!, path) });
    }

    // [["what shape is in the image?", "circle", 0], …], images 0.png, …
    List<TextRow> OfLayout(string split)
    {
        var folder = Path.Combine(options.Path, split);
        var path = Path.Combine(folder, Questions);
        if (!File.Exists(path)) throw new InvalidDataException(
            $"{path} is missing: a folder of questions has {split}/{Questions} and {split}/images.");
        try
        {
            using var document = JsonDocument.Parse(InputFile.ReadAllBytes(path, MaxBytes), new() { MaxDepth = 8 });
            var rows = document.RootElement.EnumerateArray().Select(
                (row, i) => Row(row, Path.Combine(folder, "images"), Invariant($"{path}, question {i + 1}"))).ToList();
            return rows.Count > 0 ? rows : throw new InvalidDataException($"{path} holds no question.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{path} must be a JSON list of [question, answer, image]: {error.Message.OnOneLine()}", error);
        }
    }

    TextRow Row(JsonElement row, string images, string shown)
    {
        if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != 3
            || row[0].ValueKind != JsonValueKind.String || row[1].ValueKind != JsonValueKind.String
            || row[2].ValueKind != JsonValueKind.Number || !row[2].TryGetInt32(out var image))
            throw new InvalidDataException(
                $"{shown} must be [question, answer, number of the image]; it is {row.GetRawText().Shortened(80)}.");

        var (question, answer) = (row[0].GetString()!, row[1].GetString()!);
        foreach (var (what, text) in new[] { ("question", question), ("answer", answer) })
            if (string.IsNullOrWhiteSpace(text)) throw new InvalidDataException($"{shown} has an empty {what}.");
        budget.ReserveText(question, shown);
        return new(question, Path.Combine(images, Invariant($"{image}.png")), answer);
    }

    static string FileIn(string folder, string name, string path)
    {
        if (name.Contains('\0')) throw new InvalidDataException($"{path}: the path of an image has a NUL character.");

        var file = Path.GetFullPath(Path.Combine(folder, name));
        return file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? file
            : throw new InvalidDataException(
                $"{path}: images must lie in the file's folder or below; one is {name.OnOneLine().Shortened(80)}.");
    }
}
