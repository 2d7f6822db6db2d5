using Parquet.Schema;

namespace Retort.Data.Parquet;

/// <summary>Finds and reads the column of images in a Parquet file.</summary>
static class ParquetImages
{
    /// <summary>The column of images; null where no column holds bytes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="name">The column's name; null: the only column of bytes.</param>
    /// <exception cref="InvalidDataException">There are several, or none of this name.</exception>
    public static DataField? FindColumn(ParquetFile file, string path, string? name)
    {
        var fields = file.Fields.Where(ParquetFile.IsBytes)
            .Where(field => name is null || ParquetFile.NameOf(field) == name)
            .ToList();
        if (fields.Count == 1) return fields[0];
        if (fields.Count == 0 && name is null) return null;

        var called = name is null ? "" : $" called \"{name}\"";
        throw new InvalidDataException(
            $"{path} must have one column of bytes for images{called}; it has {file.ColumnList}.");
    }

    /// <summary>The encoded images of a column.</summary>
    public static IEnumerable<(string Name, string DisplayName, byte[] Content)> Read(
        ParquetFile file, string path, DataField column)
    {
        var row = 0;
        for (var group = 0; group < file.GroupCount; group++)
            foreach (var content in file.ReadBytes(group, column))
            {
                row++;
                var shown = Invariant($"{path}, row {row}");
                if (content is null)
                    throw new InvalidDataException(
                        $"{shown} must have the image's bytes; they are missing, and a path alone is not followed.");
                yield return (Invariant($"{Path.GetFileName(path)} row {row}"), shown, content);
            }
    }
}
