using System.Formats.Tar;
using System.IO.Compression;
using ZstdSharp;

namespace Retort.Data;

/// <summary>
/// The files in a folder or in a tar archive (.tar, .tar.gz, .tgz, .tar.zst). Nothing of an archive is written to
/// disk, so that the names in it can do no harm.
/// </summary>
static class FileTree
{
    static readonly string[] Endings = [".tar", ".tar.gz", ".tgz", ".tar.zst"];

    static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true, MaxRecursionDepth = 8, AttributesToSkip = 0,
    };

    /// <summary>Whether a name is that of an archive.</summary>
    public static bool IsArchive(string path) =>
        Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Enumerates folders and files. A file's content must be read before the next entry is requested.
    /// </summary>
    public static IEnumerable<FileEntry> Walk(string path, MemoryLimit budget)
    {
        DataPath.MustExist(path);
        return Directory.Exists(path) ? WalkFolder(path, budget)
            : IsArchive(path) ? WalkArchive(path, budget)
            : throw new InvalidDataException($"{path} must be a folder, .tar, .tar.gz or .tar.zst.");
    }

    static IEnumerable<FileEntry> WalkFolder(string folder, MemoryLimit budget)
    {
        var all = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything);
        foreach (var found in all.OrderBy(info => info.FullName, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, found.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (found is FileInfo file)
                yield return new(name, found.FullName, file.Length, () => InputFile.Open(found.FullName), budget);
            else yield return new(name, found.FullName, 0, null, budget);
        }
    }

    static IEnumerable<FileEntry> WalkArchive(string path, MemoryLimit budget)
    {
        using var file = InputFile.Open(path);
        using var unpacked = Unpack(file, path);
        var guard = new TarGuard(unpacked, path);
        using var tar = new TarReader(guard, leaveOpen: true);
        while (NextEntry(tar, guard, path) is { } entry)
        {
            var name = entry.Name.Replace('\\', '/');
            while (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..];
            var shown = $"{path}, {name}";
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    yield return new(name.TrimEnd('/'), shown, 0, null, budget);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    budget.CheckFits(entry.Length, shown);
                    yield return new(name, shown, entry.Length, () => entry.DataStream ?? Stream.Null, budget);
                    break;
                case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                    throw new InvalidDataException($"{shown} must be a plain file; it is a link.");
            }
        }
    }

    static Stream Unpack(Stream file, string path) =>
        path.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress)
        : path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? new DecompressionStream(file)
        : file;

    static TarEntry? NextEntry(TarReader tar, TarGuard guard, string path)
    {
        try
        {
            guard.IsInHeader = true;
            return tar.GetNextEntry();
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw new InvalidDataException(
                guard.Refusal?.Message ?? $"{path} is a damaged archive: {error.Message.OnOneLine()}", error);
        }
        finally
        {
            guard.IsInHeader = false;
        }
    }

    /// <summary>Whether an exception is one that libraries throw over damaged archives.</summary>
    public static bool IsDamage(Exception error) =>
        error is InvalidDataException or EndOfStreamException or ZstdException or FormatException or ArgumentException
            or InvalidOperationException or OverflowException or IndexOutOfRangeException or NotSupportedException;
}
