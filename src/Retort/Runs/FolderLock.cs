using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>
/// The lock of a folder that one process at a time works in: the file <c>lock</c>, held open, so that the lock ends
/// with the process, however the process ends. The file has the process's id as text.
/// </summary>
sealed class FolderLock : IDisposable
{
    readonly LockFile _file;

    FolderLock(LockFile file, string folder)
    {
        _file = file;
        foreach (var draft in Directory.EnumerateFiles(folder, "*.draft")) File.Delete(draft);   // of a killed process
    }

    /// <summary>Takes the lock, and waits this long for another process that holds it.</summary>
    /// <param name="folder">The folder; it is created if it is missing.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="leave">Whether the lock file stays when the lock is released.</param>
    public static FolderLock Take(string folder, TimeSpan patience, bool leave = true)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            if (TryTake(folder, leave) is { } taken) return taken;

            if (waited >= patience) throw new InvalidOperationException(
                $"Another process is at work in {folder} (its id is in {Path.Combine(folder, "lock")}): "
                + "wait for it, or choose another --out.");
            Thread.Sleep(50);
        }
    }

    /// <summary>Takes the lock; null where another process holds it.</summary>
    /// <inheritdoc cref="Take"/>
    public static FolderLock? TryTake(string folder, bool leave = true)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {folder} cannot be created: choose another --out.", error);
        }
        return LockFile.TryAcquire(Path.Combine(folder, "lock"), leave) is { } file ? new(file, folder) : null;
    }

    public void Dispose() => _file.Dispose();
}
