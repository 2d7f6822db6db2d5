using Retort.Report;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>A cache's file while one process alone may write it; drafts of one who was killed in it are swept.</summary>
static class CacheFileLock
{
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    /// <summary>Null where another process writes it.</summary>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static LockFile? Take(string path)
    {
        var held = LockFile.TryAcquire(path + ".claim", keepFile: false, target: path);
        if (held is null) return null;
        foreach (var draft in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.draft")) File.Delete(draft);
        return held;
    }

    /// <summary>
    /// Writes a small file once nobody else does. In a folder that can only be read nothing is written: a cache that is
    /// complete is used as it is, and one that is not says so at its first shard.
    /// </summary>
    public static void Write(string path, Action write)
    {
        try
        {
            LockFile? held;
            while ((held = Take(path)) is null) Thread.Sleep(Turn);
            using (held) write();
        }
        catch (IOException error) when (AtomicFile.IsReadOnly(error)) { }
    }

    /// <summary>
    /// Removes what killed writers left in a folder: drafts, and claims that nobody holds. Where nothing can be removed it
    /// stays; it harms nobody.
    /// </summary>
    public static void Sweep(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Select(Target).OfType<string>().Distinct().ToList()) Take(path)?.Dispose();
        }
        catch (IOException) { }
    }

    // file.claim, file.process.guid.draft
    static string? Target(string path) => Path.GetExtension(path) switch
    {
        ".claim" => path[..^".claim".Length],
        ".draft" when Path.GetFileName(path).Split('.') is { Length: > 3 } words => Path.Combine(Path.GetDirectoryName(path)!, string.Join('.', words[..^3])),
        _ => null,
    };
}
