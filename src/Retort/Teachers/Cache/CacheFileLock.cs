using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// Locks a cache's file while one process writes it, and removes drafts that a killed process left behind.
/// </summary>
static class CacheFileLock
{
    const string LockExtension = ".claim";

    static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Locks a file; null where another process writes it.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static LockFile? Take(string path)
    {
        var held = LockFile.TryAcquire(path + LockExtension, keepFile: false, target: path);
        if (held is null) return null;
        var drafts = Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.draft");
        foreach (var draft in drafts) File.Delete(draft);
        return held;
    }

    /// <summary>
    /// Writes a small file once no other process writes it. In a read-only folder nothing is written: a complete cache
    /// is used as it is, and an incomplete one fails at its first shard.
    /// </summary>
    public static void Write(string path, Action write)
    {
        try
        {
            LockFile? held;
            while ((held = Take(path)) is null) Thread.Sleep(RetryInterval);
            using (held) write();
        }
        catch (IOException error) when (AtomicFile.IsReadOnly(error)) { }
    }

    /// <summary>
    /// Removes what killed writers left in a folder: drafts, and locks that no process holds. What cannot be removed
    /// stays; it does no harm.
    /// </summary>
    public static void Sweep(string folder)
    {
        try
        {
            var targets = Directory.EnumerateFiles(folder).Select(TargetOf).OfType<string>().Distinct().ToList();
            foreach (var path in targets) Take(path)?.Dispose();
        }
        catch (IOException) { }
    }

    // of FILE.claim and FILE.process.guid.draft
    static string? TargetOf(string path)
    {
        if (Path.GetExtension(path) == LockExtension) return path[..^LockExtension.Length];
        if (Path.GetExtension(path) != ".draft") return null;
        var parts = Path.GetFileName(path).Split('.');
        return parts.Length > 3 ? Path.Combine(Path.GetDirectoryName(path)!, string.Join('.', parts[..^3])) : null;
    }
}
