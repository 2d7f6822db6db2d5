using Retort.Data;
using Retort.Data.Audio;
using Retort.Data.Images;
using Retort.Data.Parquet;
using Retort.Data.Text;
using Retort.Runtime.Features;

namespace Retort.Recipes;

/// <summary>Finds the format of data by what is at its path, and the options that it needs to be read.</summary>
static class DataGuess
{
    const int LookedAt = 64;                                               // images whose size is looked at
    const int LargestSide = 64;                                            // of an image that keeps its size
    static readonly MemoryLimit s_enough = new(2000);

    /// <summary>The options to read the data at a path with.</summary>
    /// <exception cref="InvalidDataException">Nothing there can be read; the message names what can.</exception>
    public static FileDataOptions Of(string path)
    {
        path = Path.GetFullPath(path);
        DataPath.MustExist(path);
        if (QuestionFiles.AreAt(path)) return new VisualQuestionOptions { Path = path, Size = 32 };
        return (Directory.Exists(path) ? OfFolder(path) : OfFile(path)) ?? throw new InvalidDataException(
            $"{path} holds no data of a known format: class folders with images, an archive of them, .csv, .tsv, "
            + ".jsonl, .parquet, IDX files, CIFAR's binary files or class folders with sound are known.");
    }

    static FileDataOptions? OfFile(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (TextFile.HasTexts(path, s_enough)) return new TextOptions { Path = path };
        if (Has(name, ".csv")) return new CsvOptions { Path = path };
        if (Has(name, ".tsv")) return new TsvOptions { Path = path };
        if (Has(name, ".parquet")) return new ParquetOptions { Path = path };
        if (Path.GetFileName(path).StartsWith("cifar-10", StringComparison.Ordinal))
            return new CifarOptions { Path = path };
        return FileTree.IsArchive(path) ? (FileDataOptions?)OfImages(path) ?? OfSound(path) : null;
    }

    static FileDataOptions? OfFolder(string path)
    {
        if (Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Any())
            return new ParquetOptions { Path = path };
        var names = Directory.EnumerateFiles(path).Select(Path.GetFileName).OfType<string>().ToList();
        if (names.Exists(name => name.StartsWith("train-images-idx3-ubyte", StringComparison.Ordinal)))
            return new IdxOptions { Path = path };
        if (names.Exists(name => name is "data_batch_1.bin" or "train.bin"
            || name.StartsWith("cifar-10", StringComparison.Ordinal))) return new CifarOptions { Path = path };
        return (FileDataOptions?)OfImages(path) ?? OfSound(path);
    }

    // null without sound
    static AudioFolderOptions? OfSound(string path) =>
        FileTree.Walk(path, s_enough).Any(entry => !entry.IsFolder && AudioKind.IsRead(entry.Name))
            ? new AudioFolderOptions { Path = path } : null;

    // null without images
    static ImageFolderOptions? OfImages(string path)
    {
        var sizes = new List<(int Height, int Width)>();
        string? unreadable = null;
        foreach (var entry in FileTree.Walk(path, s_enough).Where(entry =>
            !entry.IsFolder && ImageKind.IsRead(entry.Name)).Take(LookedAt))
            try
            {
                ImageDecoder.Decode(
                    entry.Bytes(), entry.DisplayName, size => sizes.Add((size.Height, size.Width)));
            }
            catch (InvalidDataException error)
            {
                unreadable ??= error.Message;
            }
        if (sizes.Count == 0) return unreadable is null ? null : throw new InvalidDataException(unreadable);

        var shorter = sizes.Select(size => Math.Min(size.Height, size.Width)).Order().ElementAt(sizes.Count / 2);
        var keepsSize = sizes.Distinct().Count() == 1 && sizes[0].Height == sizes[0].Width && shorter <= LargestSide;
        return new()
        {
            Path = path,
            Size = keepsSize ? null : shorter >= LargestSide ? LargestSide : 32,
        };
    }

    static bool Has(string name, string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
