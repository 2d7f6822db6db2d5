using System.Globalization;
using System.Text;
using Retort.Tensors.Files;

namespace Retort.Training;

/// <summary>
/// A folder that one process at a time works in: the file <c>lock</c>, held open, so that it is free again when the
/// process ends, however it ends. It holds the process's number, which <c>cat</c> shows.
/// </summary>
sealed class FolderLock : IDisposable
{
    readonly FileStream _file;

    FolderLock(FileStream file)
    {
        _file = file;
        try
        {
            _file.SetLength(0);
            _file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName}\n")));
        }
        catch (IOException error)
        {
            _file.Dispose();
            throw WholeFile.Failed(file.Name, error);
        }
        foreach (var draft in Directory.EnumerateFiles(Path.GetDirectoryName(file.Name)!, "*.draft")) File.Delete(draft);   // of one who was killed
    }

    /// <summary>Takes the lock, waiting this long for one who holds it.</summary>
    /// <param name="folder">Made if it is missing.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="leave">Whether the file stays when the lock is given back.</param>
    public static FolderLock Take(string folder, TimeSpan patience, bool leave = true)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {folder} cannot be made there: choose another --out.", error);
        }
        var path = Path.Combine(folder, "lock");
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            if (Opened(path, leave) is { } file) return new(file);
            if (waited >= patience) throw new InvalidOperationException(
                $"Another process is at work in {folder} (its number is in {path}): wait for it, or choose another --out.");
            Thread.Sleep(50);
        }
    }

    static FileStream? Opened(string path, bool leave)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                leave ? FileOptions.None : FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (IsHeld(error))
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw WholeFile.Failed(path, error);
        }
    }

    public void Dispose() => _file.Dispose();

    // Windows: a sharing violation. Elsewhere: EWOULDBLOCK of the advisory lock (11 on Linux, 35 on macOS).
    static bool IsHeld(IOException error) => (error.HResult & 0xffff) is 32 or 33 or 11 or 35;
}
