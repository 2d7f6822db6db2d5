using System.Formats.Tar;
using System.IO.Compression;
using ZstdSharp;
using static System.FormattableString;

namespace Retort.Data;

/// <summary>
/// The files below a folder or inside a tar archive (.tar, .tar.gz, .tgz, .tar.zst), one after another. Nothing of an
/// archive is ever written to disk, so that names in it can do no harm.
/// </summary>
static class FileTree
{
    static readonly string[] Endings = [".tar", ".tar.gz", ".tgz", ".tar.zst"];
    static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8, AttributesToSkip = 0 };

    /// <summary>Whether the name is one of an archive that is read here.</summary>
    public static bool IsArchive(string path) =>
        Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Folders and files. A file's content must be read before the next one is asked for.</summary>
    public static IEnumerable<FileEntry> Walk(string path, MemoryLimit budget)
    {
        Folder.MustExist(path);
        return Directory.Exists(path) ? OnDisk(path, budget)
            : IsArchive(path) ? InArchive(path, budget)
            : throw new InvalidDataException($"{path} must be a folder, .tar, .tar.gz or .tar.zst.");
    }

    static IEnumerable<FileEntry> OnDisk(string folder, MemoryLimit budget)
    {
        var all = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything);
        foreach (var found in all.OrderBy(info => info.FullName, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, found.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (found is FileInfo file) yield return new(name, found.FullName, file.Length, file.OpenRead, budget);
            else yield return new(name, found.FullName, 0, null, budget);
        }
    }

    static IEnumerable<FileEntry> InArchive(string path, MemoryLimit budget)
    {
        using var file = File.OpenRead(path);
        using var unpacked = Unpacked(file, path);
        var guard = new TarGuard(unpacked, path);
        using var tar = new TarReader(guard, leaveOpen: true);
        while (Next(tar, guard, path) is { } entry)
        {
            var name = entry.Name.Replace('\\', '/');
            while (name.StartsWith("./", StringComparison.Ordinal)) name = name[2..];
            var shown = $"{path}, {name}";
            if (entry.EntryType is TarEntryType.Directory) yield return new(name.TrimEnd('/'), shown, 0, null, budget);
            else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
            {
                budget.Fits(entry.Length, shown);
                yield return new(name, shown, entry.Length, () => entry.DataStream ?? Stream.Null, budget);
            }
            else if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                throw new InvalidDataException($"{shown} is a link; only plain files are read from an archive.");
        }
    }

    static Stream Unpacked(Stream file, string path) =>
        path.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress)
        : path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? new DecompressionStream(file)
        : file;

    static TarEntry? Next(TarReader tar, TarGuard guard, string path)
    {
        try
        {
            guard.Header = true;
            return tar.GetNextEntry();
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw new InvalidDataException(error.Message.StartsWith(path, StringComparison.Ordinal) ? error.Message
                : $"{path} is not a sound archive: {error.Message.OnOneLine()}", error);
        }
        finally
        {
            guard.Header = false;
        }
    }

    /// <summary>What the libraries throw over damaged archives.</summary>
    public static bool IsDamage(Exception error) => error is InvalidDataException or EndOfStreamException or ZstdException or FormatException
        or ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException or NotSupportedException;

    /// <summary>
    /// Stands between an archive and its reader, which takes the length of a long name or of extended attributes on
    /// trust and allocates it: a header that wants more than 1 MB for them is refused.
    /// </summary>
    sealed class TarGuard(Stream inner, string path) : Stream
    {
        const int Most = 1_000_000;

        public bool Header { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var got = buffer.Length == 512 ? inner.ReadAtLeast(buffer, 512, throwOnEndOfStream: false) : inner.Read(buffer);
            if (Header && got == 512 && buffer.Slice(257, 5).SequenceEqual("ustar"u8) && "xgLK"u8.Contains(buffer[156]))
                Check(buffer.Slice(124, 12));
            return got;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        void Check(ReadOnlySpan<byte> field)
        {
            var size = 0L;
            foreach (var digit in field)
                if (digit is >= (byte)'0' and <= (byte)'7') size = size * 8 + digit - '0';
            if (size > Most || field[0] >= 0x80)
                throw new InvalidDataException(
                    Invariant($"{path} has a name or attributes of {size} bytes; {Most} at most are read."));
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>A file or folder of a tree.</summary>
/// <param name="Name">Its path from the root of the tree, with <c>/</c>.</param>
/// <param name="Shown">How messages call it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Open">Its content; null for a folder.</param>
/// <param name="Budget">What reading is held against.</param>
sealed record FileEntry(string Name, string Shown, long Length, Func<Stream>? Open, MemoryLimit Budget)
{
    public bool IsFolder => Open is null;

    /// <summary>The whole content. Memory grows with what really comes, not with what a header claims.</summary>
    public byte[] Bytes()
    {
        Budget.Fits(Length, Shown);
        using var stream = Open!();
        var buffer = new MemoryStream((int)Math.Min(Length, 1 << 20));
        var chunk = new byte[1 << 16];
        try
        {
            for (int got; (got = stream.Read(chunk)) > 0;) buffer.Write(chunk, 0, got);
        }
        catch (Exception error) when (FileTree.IsDamage(error))
        {
            throw new InvalidDataException($"{Shown} cannot be unpacked: {error.Message.OnOneLine()}", error);
        }
        return buffer.Length == Length ? buffer.ToArray()
            : throw new InvalidDataException(Invariant($"{Shown} should have {Length} bytes; {buffer.Length} came."));
    }
}
