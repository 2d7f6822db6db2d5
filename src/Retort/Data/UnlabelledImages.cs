using Retort.Data.Images;
using Retort.Data.Parquet;

namespace Retort.Data;

/// <summary>
/// Reads images without labels: all of a folder or archive, whatever its folders are called; the column of images in a
/// Parquet file; or those that a list names, one path a line, relative to the list.
/// </summary>
/// <param name="path">The folder, archive, <c>.parquet</c> file, or list: a <c>.txt</c> file.</param>
/// <param name="column">The column of a Parquet file; null: the only column of bytes.</param>
/// <param name="areOthersSkipped">Whether images of kinds that are not read are left out.</param>
/// <param name="budget">The limit of memory.</param>
sealed class UnlabelledImages(string path, string? column, bool areOthersSkipped, MemoryLimit budget)
{
    const long MaxListBytes = 64 << 20;

    readonly SkippedFiles _skipped = new(path, areOthersSkipped);

    /// <summary>What a run says of them.</summary>
    public IReadOnlyList<string> Notes => _skipped.Notes;

    /// <summary>Decodes them, in the order of their names, of rows, or of the list.</summary>
    /// <exception cref="InvalidDataException">There is none, or one cannot be read.</exception>
    public List<ImageFile> Decode(ImageSet set)
    {
        DataPath.MustExist(path);
        var ending = Path.GetExtension(path).ToLowerInvariant();
        var isFile = File.Exists(path);
        var images = isFile && ending == ".parquet" ? set.Decode(ReadParquet())
            : isFile && ending == ".txt" ? set.Decode(ReadList())
            : [.. set.Decode(ReadFolder()).OrderBy(image => image.Path, StringComparer.Ordinal)];
        _skipped.Check();
        return images.Count > 0 ? images : throw new InvalidDataException(
            $"{path} must hold PNG, JPEG, WebP or BMP images, as the option \"unlabelled\" says; it has none.");
    }

    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadFolder()
    {
        foreach (var entry in FileTree.Walk(path, budget))
        {
            if (entry.IsFolder || ImageKind.IsHidden(entry.Name)) continue;

            budget.ReserveText(entry.Name + entry.DisplayName, entry.DisplayName);
            if (ImageKind.IsRead(entry.Name)) yield return (entry.Name, entry.DisplayName, entry.Bytes());
            else _skipped.Add(entry);
        }
    }

    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadParquet()
    {
        using var file = new ParquetFile(path, budget);
        if (ParquetImages.FindColumn(file, path, column) is not { } images) throw new InvalidDataException(
            $"{path} must have a column of bytes for images; it has {file.ColumnList}.");
        foreach (var image in ParquetImages.Read(file, path, images)) yield return image;
    }

    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadList()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (var (i, line) in InputFile.ReadAllText(path, MaxListBytes).Split('\n').Index())
        {
            var name = line.Trim();
            if (name.Length == 0) continue;

            var (file, shown) = (Path.Combine(folder, name), Invariant($"{path}, line {i + 1}"));
            if (!ImageKind.IsRead(file)) throw new InvalidDataException(
                $"{shown} must name a PNG, JPEG, WebP or BMP file; it names {name.OnOneLine()}.");
            if (!File.Exists(file)) throw new InvalidDataException(
                $"{shown} names {name.OnOneLine()}, which is not there: names are relative to the list's folder.");
            budget.ReserveText(name + file, shown);
            yield return (name, file.OnOneLine(), ReadFile(file));
        }
    }

    byte[] ReadFile(string file) => new FileEntry(
        file, file.OnOneLine(), new FileInfo(file).Length, () => InputFile.Open(file), budget).Bytes();
}
