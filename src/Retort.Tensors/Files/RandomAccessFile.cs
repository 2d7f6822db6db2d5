using Microsoft.Win32.SafeHandles;

namespace Retort.Tensors.Files;

/// <summary>
/// A file that stays open and is read at any offset, by any number of threads at a time. The operating system's page
/// cache is shared by all processes that read the file.
/// </summary>
/// <remarks>
/// The file is not mapped into memory. Truncating a mapped file ends every process that reads it there (SIGBUS, which
/// no .NET handler sees), even one that has just checked the length. A read call reports the end of the file instead;
/// for a record of 200 bytes it takes about as long as that check did.
/// </remarks>
public sealed class RandomAccessFile : IDisposable
{
    readonly SafeFileHandle _file;

    RandomAccessFile(string path, SafeFileHandle file, long length)
    {
        Path = path;
        Length = length;
        _file = file;
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Length in bytes when the file was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InvalidDataException">The file is empty or cannot be read; the message names it.</exception>
    public static RandomAccessFile Open(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            file = InputFile.OpenHandle(path, FileShare.Read | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            return length > 0 ? new(path, file, length) : throw new InvalidDataException($"{path} is empty.");
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException) throw ReadError(path, error);
            throw;
        }
    }

    /// <summary>Fills the buffer with the bytes at this offset.</summary>
    /// <exception cref="InvalidDataException">
    /// The bytes are beyond the end of the file, or the file was truncated meanwhile.
    /// </exception>
    public void Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
            throw new InvalidDataException($"{Path} ends before byte {offset + buffer.Length}: it has {Length}.");

        try
        {
            while (buffer.Length > 0)
            {
                var read = RandomAccess.Read(_file, buffer, offset);
                if (read == 0) throw new InvalidDataException($"{Path} was shortened while it was in use.");
                buffer = buffer[read..];
                offset += read;
            }
        }
        catch (IOException error)
        {
            throw ReadError(Path, error);
        }
    }

    /// <inheritdoc cref="Read(long, Span{byte})"/>
    public byte[] Read(long offset, int length)
    {
        if (length < 0 || length > Length)
            throw new InvalidDataException($"{Path} has {Length} bytes; {length} were to be read.");

        var bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    static InvalidDataException ReadError(string path, Exception error) =>
        new($"{path} cannot be read: {error.Message}", error);

    public void Dispose() => _file.Dispose();
}
