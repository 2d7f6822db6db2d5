using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>
/// The lock of a folder that one process at a time works in: the file <c>lock</c>, held open, so that the lock ends
/// with the process, however the process ends. The file has the process's id as text.
/// </summary>
sealed class FolderLock : IDisposable
{
    const int Tries = 20;                                                   // together 0.2 s
    const int MillisecondsBetween = 10;

    readonly LockFile _file;

    FolderLock(LockFile file, string folder)
    {
        _file = file;
        foreach (var draft in Directory.EnumerateFiles(folder, "*.draft")) File.Delete(draft);   // of a killed process
    }

    /// <summary>Takes the lock, and refuses a folder whose lock another process holds.</summary>
    /// <param name="folder">The folder; it is created if it is missing.</param>
    /// <param name="leave">Whether the lock file stays when the lock is released.</param>
    public static FolderLock Take(string folder, bool leave = true) =>
        TryTakePatiently(folder, leave) ?? throw new InvalidOperationException(
            $"Another process is at work in {folder} (its id is in {Path.Combine(folder, "lock")}): "
            + "wait for it, or choose another --out.");

    /// <summary>
    /// Takes the lock; null where another process holds it for more than 0.2 s. <c>retort ui</c> opens the lock's file
    /// for a moment to see whether a run is going on.
    /// </summary>
    /// <inheritdoc cref="Take"/>
    public static FolderLock? TryTakePatiently(string folder, bool leave = true)
    {
        for (var i = 1; i < Tries; i++)
        {
            if (TryTake(folder, leave) is { } acquired) return acquired;

            Thread.Sleep(MillisecondsBetween);
        }
        return TryTake(folder, leave);
    }

    /// <summary>Takes the lock without waiting; null where another process holds it.</summary>
    /// <inheritdoc cref="Take"/>
    public static FolderLock? TryTake(string folder, bool leave = true)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CreateError(folder, error);
        }
        return LockFile.TryAcquire(Path.Combine(folder, "lock"), leave) is { } file ? new(file, folder) : null;
    }

    /// <summary>The exception that says which folder cannot be created.</summary>
    public static IOException CreateError(string folder, Exception error) =>
        new($"The folder {folder} cannot be created: choose another --out.", error);

    public void Dispose() => _file.Dispose();
}
