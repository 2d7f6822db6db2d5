using System.Diagnostics;
using System.Globalization;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Export;

/// <summary>
/// A student's folder while it is written: a folder beside its place, under a lock, that is renamed when it is whole.
/// </summary>
static class ExportDraft
{
    const string Extension = ".draft";

    /// <summary>Fills a draft and renames it. Where that fails, nothing is left behind.</summary>
    /// <param name="target">The folder to make; it must not exist.</param>
    /// <param name="fill">Writes the files into the draft.</param>
    /// <param name="token">Cancelled, nothing is left behind.</param>
    public static T Write<T>(string target, Func<string, T> fill, CancellationToken token)
    {
        Sweep(target);
        var draft = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}{Extension}";
        try
        {
            Create(draft, target);
            using var held = FolderLock.Take(draft, leave: false);          // so that no other sweeps it
            var result = fill(draft);
            token.ThrowIfCancellationRequested();
            if (OperatingSystem.IsWindows()) held.Dispose();                // a locked folder cannot be renamed there
            if (Path.Exists(target)) throw new InvalidOperationException(
                $"{target} was made by another process meanwhile: choose another folder with --out.");
            Rename(draft, target);
            File.Delete(Path.Combine(target, "lock"));
            return result;
        }
        catch (Exception error)
        {
            Discard(draft);
            if (error is UnauthorizedAccessException) throw AtomicFile.WriteError(target, error);
            if (error is FileWriteException failed && failed.Path.StartsWith(draft, StringComparison.Ordinal))
                throw AtomicFile.WriteError(target + failed.Path[draft.Length..], failed.InnerException!);
            throw;
        }
    }

    // messages name the target and not its draft
    static void Create(string draft, string target)
    {
        try
        {
            Directory.CreateDirectory(draft);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FolderLock.CreateError(target, error);
        }
    }

    static void Rename(string draft, string target)
    {
        try
        {
            Directory.Move(draft, target);
        }
        catch (IOException error)
        {
            throw AtomicFile.WriteError(target, error);
        }
    }

    // drafts of exports to this folder that were killed; a draft at work is held by its lock
    static void Sweep(string target)
    {
        var parent = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(parent)) return;
        foreach (var draft in Directory.GetDirectories(parent, $"{Path.GetFileName(target)}.*{Extension}"))
        {
            // on Windows the lock is released before the draft is renamed
            if (OperatingSystem.IsWindows() && IsAlive(draft)) continue;
            try
            {
                using var held = FolderLock.Take(draft, leave: false);
                if (!OperatingSystem.IsWindows()) Discard(draft);           // while it is held, so that no other begins
            }
            catch (InvalidOperationException) { continue; }                 // at work
            catch (IOException) { continue; }                               // gone just now, or read-only
            Discard(draft);                                                 // Windows cannot remove what is locked
        }
    }

    // a draft has the id of its process in its name
    static bool IsAlive(string draft)
    {
        var part = Path.GetFileName(draft).Split('.')[^3];
        if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)                                           // there is no such process
        {
            return false;
        }
    }

    // where it fails the first error is reported, and the next export sweeps
    static void Discard(string draft)
    {
        try
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }
    }
}
