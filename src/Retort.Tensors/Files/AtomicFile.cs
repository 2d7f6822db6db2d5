namespace Retort.Tensors.Files;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes a draft beside the file, flushes it to the disk, renames it. The draft has a name of its own, so two
    /// processes do not meet in it; where writing fails it is deleted and the old file stays.
    /// </summary>
    /// <exception cref="IOException">The message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var draft = $"{full}.{Environment.ProcessId}.{Guid.NewGuid():N}.draft";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, full, overwrite: true);
        }
        catch (Exception error)
        {
            Discard(draft);
            if (error is IOException or UnauthorizedAccessException) throw WriteError(path, error);
            throw;
        }
    }

    /// <summary>Writes text in UTF-8.</summary>
    public static void Write(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes what another file holds.</summary>
    public static void Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        Write(to, source.CopyTo);
    }

    /// <summary>A write that failed, in our words; for files that grow line by line, too.</summary>
    public static IOException WriteError(string path, Exception error) => new($"{path} cannot be written: {Reason(error)}", error);

    /// <summary>Whether what <see cref="WriteError"/> tells of would fail each time: in a folder, or on a disk, that can only be read.</summary>
    public static bool IsReadOnly(IOException error) =>
        error.InnerException is UnauthorizedAccessException or IOException { HResult: 30 or unchecked((int)0x80070013) };   // EROFS, and Windows' own

    static void Discard(string draft)
    {
        try { File.Delete(draft); }
        catch (IOException) { }                     // the first failure is the one to tell of
        catch (UnauthorizedAccessException) { }
    }

    const int NoSpaceOnWindows = unchecked((int)0x80070070);
    const int QuotaOnWindows = unchecked((int)0x80070027);

    const int ProtectedOnWindows = unchecked((int)0x80070013);

    /// <summary>.NET's text names the draft, not the file; a full disk, and one that can only be read, are said in words.</summary>
    static string Reason(Exception error) => error switch
    {
        IOException { HResult: NoSpaceOnWindows or QuotaOnWindows or 28 or 122 } => "the disk is full.",     // 28 ENOSPC, 122 EDQUOT
        IOException { HResult: ProtectedOnWindows or 30 } => "the disk can only be read.",                   // 30 EROFS
        UnauthorizedAccessException => "writing there is not allowed.",
        DirectoryNotFoundException => "its folder does not exist.",
        _ => error.Message,
    };
}
