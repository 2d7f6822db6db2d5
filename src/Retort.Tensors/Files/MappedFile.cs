using System.IO.MemoryMappedFiles;

namespace Retort.Tensors.Files;

/// <summary>
/// A file that is read where it lies: its pages are the system's, shared by all processes that read it. Every reading is
/// held against the file's length at that moment, since a page that is gone would end the process.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    readonly FileStream _file;
    readonly MemoryMappedFile _map;
    readonly MemoryMappedViewAccessor _view;
    byte* _start;

    MappedFile(FileStream file)
    {
        (_file, Length) = (file, file.Length);
        _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Where it lies.</summary>
    public string Path => _file.Name;

    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file that is there and not empty.</summary>
    /// <exception cref="InvalidDataException">It is empty, or cannot be read; the message names it.</exception>
    public static MappedFile Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return file.Length > 0 ? new(file) : throw new InvalidDataException($"{path} is empty.");
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new InvalidDataException($"{path} cannot be read: {error.Message}", error);
            throw;
        }
    }

    /// <summary>These bytes of the file; valid until it is disposed.</summary>
    /// <exception cref="InvalidDataException">They lie behind its end, or somebody has shortened it.</exception>
    public ReadOnlySpan<byte> At(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        if (offset < 0 || length < 0 || offset > Length - length) throw new InvalidDataException($"{Path} ends before byte {offset + length}: it has {Length}.");
        if (RandomAccess.GetLength(_file.SafeFileHandle) < offset + length) throw new InvalidDataException($"{Path} was shortened while it was in use.");
        return new(_start + offset, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_start is null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
        _file.Dispose();
    }
}
