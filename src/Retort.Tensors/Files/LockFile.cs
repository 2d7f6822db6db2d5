using System.Text;

namespace Retort.Tensors.Files;

/// <summary>
/// A lock between processes: a file that only one process at a time holds. The lock ends with the process, however that
/// ends. The file says in plain text who holds it.
/// </summary>
public sealed class LockFile : IDisposable
{
    readonly FileStream _file;
    readonly bool _keepFile;

    LockFile(FileStream file, bool keepFile)
    {
        _file = file;
        _keepFile = keepFile;
    }

    /// <summary>
    /// Takes the lock without waiting; null if another process, or another object of this one, holds it.
    /// </summary>
    /// <param name="path">The lock file. It is created if it is missing.</param>
    /// <param name="keepFile">Whether the file stays when the lock is released.</param>
    /// <param name="target">The path that a message about a failed write names; null for the lock file itself.</param>
    /// <exception cref="IOException">The lock file cannot be created.</exception>
    public static LockFile? TryAcquire(string path, bool keepFile, string? target = null)
    {
        FileStream? file = null;
        try
        {
            var options = !keepFile && OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, options);
            file.SetLength(0);
            var holder = FormattableString.Invariant($"process {Environment.ProcessId} on {Environment.MachineName}\n");
            file.Write(Encoding.UTF8.GetBytes(holder));
            file.Flush();
            if (keepFile || OperatingSystem.IsWindows() || HasItsName(file)) return new(file, keepFile);
        }
        catch (IOException error) when (file is null && IsSharingViolation(error))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw AtomicFile.WriteError(target ?? path, error);
        }

        file.Dispose();
        return null;
    }

    /// <summary>
    /// Releases the lock. If the file does not stay, it is deleted before the lock ends; else it says nothing any more.
    /// </summary>
    public void Dispose()
    {
        if (_keepFile && !_file.SafeFileHandle.IsClosed) Clear();
        var deletes = !_keepFile && !OperatingSystem.IsWindows() && !_file.SafeFileHandle.IsClosed;
        if (deletes) AtomicFile.TryDelete(_file.Name);                      // else it stays, free for the next process
        _file.Dispose();
    }

    void Clear()
    {
        try
        {
            _file.SetLength(0);
        }
        catch (IOException)                                                 // the lock ends all the same
        {
        }
    }

    /// <summary>
    /// Whether the locked file is still the one under its name. A process that opens the file just before another
    /// releases the lock holds a deleted file, and the next process creates a new one. To tell, the file gets a time of
    /// last writing that no other file would have.
    /// </summary>
    internal static bool HasItsName(FileStream file)
    {
        try
        {
            var random = BitConverter.ToInt64(Guid.NewGuid().ToByteArray()) & long.MaxValue;
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            File.SetLastWriteTimeUtc(file.SafeFileHandle, now.AddTicks(-(random % TimeSpan.TicksPerDay)));
            return File.GetLastWriteTimeUtc(file.SafeFileHandle) == File.GetLastWriteTimeUtc(file.Name);
        }
        catch (UnauthorizedAccessException)                                 // left by a killed process of another user
        {
            return File.Exists(file.Name);
        }
    }

    // Windows: a sharing violation. Elsewhere: EWOULDBLOCK of the advisory lock (11 on Linux, 35 on macOS).
    static bool IsSharingViolation(IOException error) => (error.HResult & 0xffff) is 32 or 33 or 11 or 35;
}
