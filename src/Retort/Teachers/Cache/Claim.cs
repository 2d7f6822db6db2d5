using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// The right to write one file of a cache, which one writer at a time has: <c>….claim</c> beside the file, held open, so
/// that it is free again when its process ends, however it ends.
/// </summary>
static class Claim
{
    const string Suffix = ".claim";
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes it and sweeps what a killed writer left of the file; null where somebody has it.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static FileStream? Take(string path)
    {
        FileStream claim;
        try
        {
            claim = new(path + Suffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when ((error.HResult & 0xffff) is 32 or 33 or 11 or 35)   // somebody holds it: Windows, Linux, macOS
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Failed(path, error);
        }
        foreach (var draft in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*.draft")) File.Delete(draft);
        return claim;
    }

    /// <summary>Does something to a file that others might do too, when nobody else is at it.</summary>
    public static void Alone(string path, Action act)
    {
        while (true)
        {
            using var claim = Take(path);
            if (claim is null)
            {
                Thread.Sleep(Turn);
                continue;
            }
            act();
            return;
        }
    }

    /// <summary>Removes what killed writers left in a folder: drafts, and claims that nobody holds. Where nothing can be removed it stays; it harms nobody.</summary>
    public static void Sweep(string folder)
    {
        var left = Directory.EnumerateFiles(folder).Select(Target).OfType<string>().Distinct().ToList();
        foreach (var path in left)
        {
            try
            {
                Take(path)?.Dispose();
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    // file.claim, file.process.guid.draft
    static string? Target(string path) => Path.GetExtension(path) switch
    {
        Suffix => path[..^Suffix.Length],
        ".draft" when Path.GetFileName(path).Split('.') is { Length: > 3 } words => Path.Combine(Path.GetDirectoryName(path)!, string.Join('.', words[..^3])),
        _ => null,
    };
}
