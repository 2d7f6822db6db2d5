using Retort.Training;
using Retort.Recipes;
using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>
/// A folder that one process at a time works in: the file <c>lock</c>, held open, so that it is free again when the
/// process ends, however it ends. It holds the process's number, which <c>cat</c> shows.
/// </summary>
sealed class FolderLock : IDisposable
{
    readonly LockFile _file;

    FolderLock(LockFile file, string folder)
    {
        _file = file;
        foreach (var draft in Directory.EnumerateFiles(folder, "*.draft")) File.Delete(draft);   // of one who was killed
    }

    /// <summary>Takes the lock, waiting this long for one who holds it.</summary>
    /// <param name="folder">Made if it is missing.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="leave">Whether the file stays when the lock is given back.</param>
    public static FolderLock Take(string folder, TimeSpan patience, bool leave = true)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            if (TryTake(folder, leave) is { } taken) return taken;
            if (waited >= patience) throw new InvalidOperationException(
                $"Another process is at work in {folder} (its number is in {Path.Combine(folder, "lock")}): wait for it, or choose another --out.");
            Thread.Sleep(50);
        }
    }

    /// <summary>Takes the lock, or gives null where somebody else holds it.</summary>
    /// <inheritdoc cref="Take"/>
    public static FolderLock? TryTake(string folder, bool leave = true)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {folder} cannot be made there: choose another --out.", error);
        }
        return LockFile.TryAcquire(Path.Combine(folder, "lock"), leave) is { } file ? new(file, folder) : null;
    }

    public void Dispose() => _file.Dispose();
}
