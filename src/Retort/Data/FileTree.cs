using System.Formats.Tar;
using ZstdSharp;

namespace Retort.Data;

/// <summary>
/// The files in a folder or in a tar archive (.tar, .tar.gz, .tgz, .tar.zst). Nothing of an archive is written to
/// disk, so that the names in it can do no harm.
/// </summary>
static class FileTree
{
    static readonly string[] Endings = [".tar", ".tar.gz", ".tgz", ".tar.zst"];

    const int MaxDepth = 64;

    // one folder, with hidden and system files
    static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0 };

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
        var found = new List<FileSystemInfo>();
        var top = new DirectoryInfo(folder);
        Collect(top, [(top.ResolveLinkTarget(returnFinalTarget: true) ?? top).FullName], found);
        foreach (var info in found.OrderBy(info => info.FullName, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, info.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (info is FileInfo file)
                yield return new(name, info.FullName, LengthOf(file), () => InputFile.Open(info.FullName), budget);
            else yield return new(name, info.FullName, 0, null, budget);
        }
    }

    /// <summary>Adds all files and folders, also those behind symbolic links.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="above">The real paths of it and of the folders above. A link back to one has no end.</param>
    /// <param name="found">The list.</param>
    static void Collect(DirectoryInfo folder, IReadOnlyList<string> above, List<FileSystemInfo> found)
    {
        if (above.Count > MaxDepth) throw new InvalidDataException(
            Invariant($"{folder.FullName} is more than {MaxDepth} folders below the data's; no deeper one is read."));

        foreach (var info in folder.EnumerateFileSystemInfos("*", s_everything))
        {
            // .NET replaces bytes that are not UTF-8, and then finds no file of this name
            if (info.Name.Contains('\ufffd') && !Path.Exists(info.FullName)) throw new InvalidDataException(
                $"{info.FullName} must have a name in UTF-8; it has another encoding.");

            found.Add(info);
            if (info is not DirectoryInfo inner) continue;

            var real = Path.Combine(above[^1], inner.Name);
            if (inner.LinkTarget is not null)
                real = new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (above.Contains(real)) throw new InvalidDataException(
                $"{inner.FullName} must not lead into a loop; it is a link to {real}, which it is in itself.");
            Collect(inner, [.. above, real], found);
        }
    }

    // of what a link leads to
    static long LengthOf(FileInfo file)
    {
        if (file.LinkTarget is not { } target) return file.Length;

        return file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } real ? real.Length
            : throw new InvalidDataException($"{file.FullName} is a link to {target}, where no file is.");
    }

    static IEnumerable<FileEntry> WalkArchive(string path, MemoryLimit budget)
    {
        using var file = InputFile.Open(path);
        using var unpacked = Unpack(file, path);
        var guard = new TarGuard(unpacked, path);
        using var tar = new TarReader(guard, leaveOpen: true);
        var members = new TarMembers(path);
        while (NextEntry(tar, guard, path) is { } entry)
        {
            var name = entry.Name.Replace('\\', '/');
            while (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..];
            var shown = $"{path}, {name}".OnOneLine();
            members.Check(entry.EntryType, name, shown);
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
        path.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? Gzip.Open(file, path)
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
