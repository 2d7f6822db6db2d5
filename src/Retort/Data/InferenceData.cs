using Retort.Data.Images;

using static System.FormattableString;

namespace Retort.Data;

/// <summary>An example that a network is asked about.</summary>
/// <param name="Name">Its file; of a table or an IDX file with the line or place behind a colon.</param>
/// <param name="Numbers">Pixels from 0 to 1, or features as they stand in the table.</param>
public readonly record struct InferenceExample(string Name, float[] Numbers);

/// <summary>
/// Examples without labels: pictures, folders and archives of pictures, IDX files, tables. They are read one by one, so
/// that there may be more than memory holds.
/// </summary>
/// <param name="input">What the network takes: <c>pixels</c> or <c>features</c>.</param>
/// <param name="canvas">Their size.</param>
/// <param name="scale">What stands for white in tables of pixels.</param>
/// <param name="label">The column of tables that is the class and left out, as <see cref="TableOptions.Label"/>; null for none.</param>
public sealed class InferenceData(string input, ImageSize canvas, double scale, string? label = null)
{
    static readonly MemoryLimit Enough = new(2000);           // a file of a folder that is larger is no picture

    /// <summary>What a path holds.</summary>
    /// <exception cref="InvalidDataException">It is not there, of no known kind, or does not fit the network.</exception>
    public IEnumerable<InferenceExample> Read(string path)
    {
        DataPath.MustExist(path);
        if (TableOf(path) is { } table) return Rows(table);
        if (input != "pixels") throw new InvalidDataException($"{path}: the student takes {canvas.Count} features an example, which .csv and .tsv files have.");
        if (Directory.Exists(path) || FileTree.IsArchive(path)) return Pictures(path);
        if (ImageFolder.IsImage(path)) return [new(path, Decoded(File.ReadAllBytes(path), path))];
        if (Idx.HasImages(path)) return Handwritten(path);
        throw new InvalidDataException($"{path} is of no kind that is read here: PNG or JPEG, a folder or archive of them, IDX pictures, .csv or .tsv.");
    }

    TableOptions? TableOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Directory.Exists(path) ? null
            : name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? new CsvOptions { Path = path, Label = label ?? "" }
            : name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? new TsvOptions { Path = path, Label = label ?? "" }
            : null;
    }

    IEnumerable<InferenceExample> Rows(TableOptions table)
    {
        foreach (var (line, numbers) in Table.ReadUnlabelled(table, label is not null, canvas.Count))
        {
            var name = Invariant($"{table.Path}:{line}");
            if (input == "pixels") Whitened(numbers, name);
            yield return new(name, numbers);
        }
    }

    void Whitened(float[] numbers, string name)
    {
        foreach (ref var number in numbers.AsSpan())
            number = number >= 0 && number <= scale ? (float)(number / scale)
                : throw new InvalidDataException(Invariant($"{name}: a pixel is a number from 0 to {scale}; one is {number}."));
    }

    IEnumerable<InferenceExample> Pictures(string path)
    {
        var none = true;
        foreach (var entry in FileTree.Walk(path, Enough))
        {
            if (entry.IsFolder || !ImageFolder.IsImage(entry.Name)) continue;
            none = false;
            yield return new(entry.Shown, Decoded(entry.Bytes(), entry.Shown));
        }
        if (none) throw new InvalidDataException($"{path} holds no PNG or JPEG picture.");
    }

    float[] Decoded(byte[] content, string shown)
    {
        var numbers = new float[canvas.Count];
        ImageLoader.Read(content, shown, canvas, numbers);
        return numbers;
    }

    IEnumerable<InferenceExample> Handwritten(string path)
    {
        var (place, found) = (0, default(ImageSize));
        foreach (var pixels in Idx.ReadImages(path, (one, _) => found = one))
        {
            var numbers = new float[canvas.Count];
            ImageLoader.Fit(new(found, pixels), path, canvas, numbers);
            yield return new(Invariant($"{path}:{++place}"), numbers);
        }
    }
}
