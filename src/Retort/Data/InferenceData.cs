using Retort.Data.Images;
using Retort.Runtime.Features;

namespace Retort.Data;

/// <summary>
/// Examples for prediction, without labels: images, folders and archives of images, IDX files, tables. They are read
/// one by one, so that there may be more of them than fit into memory.
/// </summary>
/// <param name="input">The name of the network's input: <c>pixel_values</c> or <c>features</c>.</param>
/// <param name="canvas">The size of its input.</param>
/// <param name="scale">The value of white in tables of pixels.</param>
/// <param name="labels">
/// The columns of tables that are no input, as <see cref="TableOptions.Label"/>; they are left out.
/// </param>
public sealed class InferenceData(string input, ImageSize canvas, double scale, params IReadOnlyList<string> labels)
{
    static readonly MemoryLimit Enough = new(2000);         // megabytes; a larger file is no image

    /// <summary>
    /// The student's columns: a table with names is read by them, in whatever order it has them. Null where the student
    /// has none.
    /// </summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Whether the first line of a table holds names; null: the line itself decides.</summary>
    public bool? Header { get; init; }

    /// <summary>Called with a sentence about columns of a table that are left out.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Reads the examples of a path.</summary>
    /// <exception cref="InvalidDataException">
    /// The path does not exist, is of no known kind, or does not fit the network.
    /// </exception>
    public IEnumerable<InferenceExample> Read(string path)
    {
        DataPath.MustExist(path);
        if (TableOf(path) is { } table) return ReadTable(table);
        if (input != InputNames.PixelValues)
            throw new InvalidDataException(
                $"{path}: the student takes {canvas.Count} features an example, which .csv and .tsv files have.");

        if (Directory.Exists(path) || FileTree.IsArchive(path)) return ReadFolder(path);
        if (ImageKind.IsRead(Path.GetFileName(path)))
            return [new(path, Decode(InputFile.ReadAllBytes(path, Enough.Available), path))];
        if (Idx.HasImages(path)) return ReadIdx(path);
        throw new InvalidDataException(
            $"{path} must be PNG, JPEG, WebP or BMP, a folder or archive of them, IDX images, .csv or .tsv; "
            + "it is none of these.");
    }

    IReadOnlyList<string>? Ignored => labels.Count > 0 ? labels : null;

    TableOptions? TableOf(string path)
    {
        if (Directory.Exists(path)) return null;

        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            return new CsvOptions { Path = path, IgnoreColumns = Ignored, Header = Header };
        if (name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase))
            return new TsvOptions { Path = path, IgnoreColumns = Ignored, Header = Header };
        return null;
    }

    IEnumerable<InferenceExample> ReadTable(TableOptions table)
    {
        foreach (var (line, numbers) in new UnlabelledTable(table, canvas.Count, Columns, Note).Read())
        {
            var name = Invariant($"{table.Path}:{line}");
            if (input == InputNames.PixelValues) Scale(numbers, name);
            yield return new(name, numbers);
        }
    }

    void Scale(float[] numbers, string name)
    {
        foreach (ref var number in numbers.AsSpan())
        {
            if (!(number >= 0 && number <= scale)) throw new InvalidDataException(
                Invariant($"{name}: a pixel is a number from 0 to {scale}; one is {number}."));
            number = (float)(number / scale);
        }
    }

    IEnumerable<InferenceExample> ReadFolder(string path)
    {
        var none = true;
        foreach (var entry in FileTree.Walk(path, Enough))
        {
            if (entry.IsFolder || ImageKind.IsHidden(entry.Name)) continue;
            if (!ImageKind.IsRead(entry.Name))
            {
                if (!ImageKind.IsOther(entry)) continue;

                throw new InvalidDataException(
                    $"{entry.DisplayName} must be a PNG, JPEG, WebP or BMP image with its usual ending; it is none.");
            }

            none = false;
            yield return new(entry.DisplayName, Decode(entry.Bytes(), entry.DisplayName));
        }
        if (none) throw new InvalidDataException($"{path} has no PNG, JPEG, WebP or BMP image.");
    }

    float[] Decode(byte[] content, string name)
    {
        var numbers = new float[canvas.Count];
        ImageLoader.Read(content, name, canvas, numbers);
        return numbers;
    }

    IEnumerable<InferenceExample> ReadIdx(string path)
    {
        var index = 0;
        var size = default(ImageSize);
        foreach (var pixels in Idx.ReadImages(path, (read, _) => size = read))
        {
            var numbers = new float[canvas.Count];
            ImageLoader.Preprocess(new(size, pixels), path, canvas, numbers);
            yield return new(Invariant($"{path}:{++index}"), numbers);
        }
    }
}
