using Microsoft.Win32.SafeHandles;

namespace Retort.Tensors.Files;

/// <summary>
/// A file that is open for long and read piece by piece where it lies: its pages are the system's, shared by all processes
/// that read it, and any number of threads may read at a time.
/// </summary>
/// <remarks>
/// It is not mapped into memory. Whoever shortens a mapped file ends all processes that read it there (SIGBUS, which no
/// handler of .NET's sees), also when they looked at its length just before; a reading call says instead that there is no
/// more. For a record of 200 bytes the call takes about as long as that look did.
/// </remarks>
public sealed class RandomAccessFile : IDisposable
{
    readonly SafeFileHandle _file;

    RandomAccessFile(string path, SafeFileHandle file, long length) => (Path, _file, Length) = (path, file, length);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file that is there and not empty.</summary>
    /// <exception cref="InvalidDataException">It is empty, or cannot be read; the message names it.</exception>
    public static RandomAccessFile Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return RandomAccess.GetLength(file) is > 0 and var length ? new(path, file, length) : throw new InvalidDataException($"{path} is empty.");
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException) throw Unreadable(path, error);
            throw;
        }
    }

    /// <summary>Reads as many bytes as there is room for.</summary>
    /// <exception cref="InvalidDataException">They lie behind its end, or somebody has shortened it.</exception>
    public void Read(long offset, Span<byte> into)
    {
        if (offset < 0 || offset > Length - into.Length) throw new InvalidDataException($"{Path} ends before byte {offset + into.Length}: it has {Length}.");
        try
        {
            while (into.Length > 0)
            {
                var read = RandomAccess.Read(_file, into, offset);
                if (read == 0) throw new InvalidDataException($"{Path} was shortened while it was in use.");
                into = into[read..];
                offset += read;
            }
        }
        catch (IOException error)
        {
            throw Unreadable(Path, error);
        }
    }

    /// <inheritdoc cref="Read(long, Span{byte})"/>
    public byte[] Read(long offset, int length)
    {
        if (length < 0 || length > Length) throw new InvalidDataException($"{Path} has {Length} bytes, and {length} were asked for.");
        var bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    static InvalidDataException Unreadable(string path, Exception error) => new($"{path} cannot be read: {error.Message}", error);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
