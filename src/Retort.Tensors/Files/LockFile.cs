using System.Text;

namespace Retort.Tensors.Files;

/// <summary>
/// A file that one process at a time holds: a claim to what the file stands for, which ends with the process, however that
/// ends. It says in plain text who holds it.
/// </summary>
public sealed class LockFile : IDisposable
{
    readonly FileStream _file;
    readonly bool _leave;

    LockFile(FileStream file, bool leave) => (_file, _leave) = (file, leave);

    /// <summary>Takes it at once, or gives null where somebody else holds it.</summary>
    /// <param name="path">Made if it is missing.</param>
    /// <param name="leave">Whether the file stays when it is let go.</param>
    /// <param name="of">What cannot be written where it cannot be made; itself unless told.</param>
    /// <exception cref="IOException">It cannot be made there; the message names it.</exception>
    public static LockFile? TryAcquire(string path, bool leave, string? of = null)
    {
        FileStream? file = null;
        try
        {
            var close = !leave && OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, close);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant($"process {Environment.ProcessId} on {Environment.MachineName}\n")));
            file.Flush();
            if (leave || OperatingSystem.IsWindows() || HasItsName(file)) return new(file, leave);
        }
        catch (IOException error) when (file is null && IsHeld(error))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw AtomicFile.WriteError(of ?? path, error);
        }
        file.Dispose();
        return null;
    }

    /// <summary>Lets it go; where it does not stay, its name goes first and its lock after.</summary>
    public void Dispose()
    {
        if (!_leave && !OperatingSystem.IsWindows() && !_file.SafeFileHandle.IsClosed) Remove(_file.Name);
        _file.Dispose();
    }

    static void Remove(string path)
    {
        try { File.Delete(path); }
        catch (IOException) { }                                             // it stays, free for the next
        catch (UnauthorizedAccessException) { }
    }

    /// <summary>
    /// Whether the file that is locked is the one under its name: one who opened it just before another let it go holds a
    /// file without a name, and the next makes a new one. Told by a time of last writing that nobody else would give it.
    /// </summary>
    internal static bool HasItsName(FileStream file)
    {
        try
        {
            var ago = BitConverter.ToInt64(Guid.NewGuid().ToByteArray()) & long.MaxValue;
            File.SetLastWriteTimeUtc(file.SafeFileHandle, TimeProvider.System.GetUtcNow().UtcDateTime.AddTicks(-(ago % TimeSpan.TicksPerDay)));
            return File.GetLastWriteTimeUtc(file.SafeFileHandle) == File.GetLastWriteTimeUtc(file.Name);
        }
        catch (UnauthorizedAccessException)                                 // another user's, left by a process that was killed
        {
            return File.Exists(file.Name);
        }
    }

    // Windows: a sharing violation. Elsewhere: EWOULDBLOCK of the advisory lock (11 on Linux, 35 on macOS).
    static bool IsHeld(IOException error) => (error.HResult & 0xffff) is 32 or 33 or 11 or 35;
}
