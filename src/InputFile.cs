using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Retort;

/// <summary>
/// Opens files that others wrote. Only regular files are opened: reading a FIFO, a device or a socket may wait or go on
/// for ever. A git-lfs pointer is refused, since the content is elsewhere.
/// </summary>
/// <remarks>
/// Retort.Tensors, Retort.Runtime and Retort.Cli read files and do not share internals, so this file is compiled into
/// each of them.
/// </remarks>
static partial class InputFile
{
    const int MaxPointer = 1024;                                           // bytes of a git-lfs pointer, by its format

    static ReadOnlySpan<byte> PointerStart => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most that it may have.</param>
    /// <param name="share">What other processes may do with it meanwhile.</param>
    /// <param name="bufferSize">Bytes that are read ahead; 0 for none.</param>
    /// <exception cref="InvalidDataException">
    /// It is no regular file, a git-lfs pointer, or too long; the message names it.
    /// </exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream Open(
        string path, long maxBytes = long.MaxValue, FileShare share = FileShare.Read, int bufferSize = 4096)
    {
        CheckKind(path);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize);
        try
        {
            CheckContent(file.SafeFileHandle, path, maxBytes);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file for reading at any offset.</summary>
    /// <inheritdoc cref="Open"/>
    public static SafeFileHandle OpenHandle(string path, FileShare share = FileShare.Read)
    {
        CheckKind(path);
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, share);
        try
        {
            CheckContent(file, path, long.MaxValue);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Checks a file that a native library opens by its path.</summary>
    /// <inheritdoc cref="Open"/>
    public static void Check(string path) => OpenHandle(path).Dispose();

    /// <summary>Reads a whole file.</summary>
    /// <inheritdoc cref="Open"/>
    public static byte[] ReadAllBytes(string path, long maxBytes)
    {
        using var file = Open(path, maxBytes, bufferSize: 0);
        var content = new byte[file.Length];
        var count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (count < content.Length) return content[..count];
        return file.ReadByte() < 0 ? content : throw new InvalidDataException($"{path} grew while it was read.");
    }

    /// <summary>Reads a whole file of text in UTF-8.</summary>
    /// <inheritdoc cref="Open"/>
    public static string ReadAllText(string path, long maxBytes)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, maxBytes)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Whether two paths lead to one file, also through links; false where there is none.</summary>
    public static bool AreSame(string one, string other)
    {
        if (OperatingSystem.IsWindows())
            return Path.Exists(one) && Target(one).Equals(Target(other), StringComparison.OrdinalIgnoreCase);

        return IdentityOf(one) is { } identity && identity == IdentityOf(other);

        static string Target(string path) =>
            File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
    }

    static void CheckContent(SafeFileHandle file, string path, long maxBytes)
    {
        var length = RandomAccess.GetLength(file);
        if (length > maxBytes) throw TooLong(path, length, maxBytes);
        if (length < PointerStart.Length || length > MaxPointer) return;

        Span<byte> start = stackalloc byte[PointerStart.Length];
        if (RandomAccess.Read(file, start, 0) == start.Length && start.SequenceEqual(PointerStart))
            throw new InvalidDataException(
                $"{path} is a git-lfs pointer, which stands for a file that is elsewhere; `git lfs pull` brings it.");
    }

    static InvalidDataException TooLong(string path, long length, long maxBytes) =>
        new(FormattableString.Invariant($"{path} has {length} bytes; at most {maxBytes} are read."));

    /// <summary>Checks what a path names, before opening, which waits on a FIFO. Links are followed.</summary>
    static void CheckKind(string path)
    {
        const int Mask = 0xf000;                                            // S_IFMT
        var kind = (ModeOf(path) & Mask) switch
        {
            0x1000 => "a FIFO",
            0x2000 or 0x6000 => "a device",
            0x4000 => "a folder",
            0xc000 => "a socket",
            _ => null,                                                      // a file, or opening says what is wrong
        };
        if (kind is not null) throw new InvalidDataException($"{path} must be a regular file; it is {kind}.");
    }

    // st_mode; 0 where the system does not say
    static unsafe int ModeOf(string path)
    {
        if (OperatingSystem.IsWindows()) return Directory.Exists(path) ? 0x4000 : 0;

        var status = stackalloc byte[512];
        return ReadStatus(path, status) ? *(ushort*)(status + (OperatingSystem.IsLinux() ? 28 : 4)) : 0;
    }

    // the device and st_ino; null where there is no file
    static unsafe (ulong Device, ulong Node)? IdentityOf(string path)
    {
        var status = stackalloc byte[512];
        if (!ReadStatus(path, status)) return null;
        return OperatingSystem.IsLinux() ? (*(ulong*)(status + 136), *(ulong*)(status + 32))
            : (*(uint*)status, *(ulong*)(status + 8));
    }

    static unsafe bool ReadStatus(string path, byte* status)
    {
        const int CurrentFolder = -100;                                     // AT_FDCWD
        const int Wanted = 0x101;                                           // STATX_TYPE, STATX_INO
        if (OperatingSystem.IsLinux()) return LinuxStatus(CurrentFolder, path, 0, Wanted, status) == 0;

        var failed = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? MacStatus(path, status) : MacStatusX64(path, status);
        return failed == 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int LinuxStatus(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int MacStatus(string path, byte* status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int MacStatusX64(string path, byte* status);
}
