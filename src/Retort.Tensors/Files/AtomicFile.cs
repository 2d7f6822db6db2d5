using System.Text;

namespace Retort.Tensors.Files;

/// <summary>Writes files so that they are complete or not there at all.</summary>
public static class AtomicFile
{
    // HRESULTs of Windows, errno elsewhere
    const int ProtectedOnWindows = unchecked((int)0x80070013);
    const int NoSpaceOnWindows = unchecked((int)0x80070070);
    const int QuotaOnWindows = unchecked((int)0x80070027);
    const int Enospc = 28;
    const int Erofs = 30;
    const int Edquot = 122;

    static int s_writing;

    /// <summary>Whether a file is being written now, by any thread of this process.</summary>
    public static bool IsWriting => Volatile.Read(ref s_writing) > 0;

    /// <summary>
    /// Writes a draft beside the file, flushes it to the disk and renames it. The draft's name is unique, so that two
    /// processes may write at once. If writing fails, the draft is deleted and the old file stays.
    /// </summary>
    /// <exception cref="FileWriteException">The message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var draft = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}.draft";
        Interlocked.Increment(ref s_writing);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, target, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(draft);                                               // the first failure is the one to report
            if (error is IOException or UnauthorizedAccessException) throw WriteError(path, error);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref s_writing);
        }
    }

    /// <summary>Writes text in UTF-8.</summary>
    public static void Write(string path, string text) => Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes the content of another file.</summary>
    public static void Copy(string from, string to)
    {
        using var source = InputFile.Open(from);
        Write(to, source.CopyTo);
    }

    /// <summary>
    /// An exception that says in one sentence which file cannot be written, and why. Also for files that grow line by
    /// line.
    /// </summary>
    public static FileWriteException WriteError(string path, Exception error) => new(path, Reason(error), error);

    /// <summary>
    /// Whether an exception of <see cref="WriteError"/> means that the folder or the disk can only be read, so that
    /// trying again would fail too.
    /// </summary>
    public static bool IsReadOnly(IOException error) => error.InnerException
        is UnauthorizedAccessException or IOException { HResult: Erofs or ProtectedOnWindows };

    /// <summary>Deletes a file where that is possible.</summary>
    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }
    }

    /// <summary>The reason in words where .NET's message would name the draft instead of the file.</summary>
    static string Reason(Exception error) => error switch
    {
        IOException { HResult: NoSpaceOnWindows or QuotaOnWindows or Enospc or Edquot } => "the disk is full.",
        IOException { HResult: ProtectedOnWindows or Erofs } => "the disk can only be read.",
        UnauthorizedAccessException => "writing there is not allowed.",
        DirectoryNotFoundException => "its folder does not exist.",
        _ => error.Message,
    };
}
