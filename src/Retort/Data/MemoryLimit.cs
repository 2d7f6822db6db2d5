namespace Retort.Data;

/// <summary>
/// How much memory a dataset may take. Readers ask with the sizes in a file's header, before they allocate. Threads
/// may share one.
/// </summary>
sealed class MemoryLimit(int megabytes)
{
    /// <summary>
    /// What one small array takes beside its content: its header, and what lists of examples hold for each of them.
    /// </summary>
    public const int ItemBytes = 100;

    readonly long _limit = megabytes * 1_000_000L;
    readonly Lock _lock = new();
    long _reserved;

    /// <summary>Bytes that are not reserved yet.</summary>
    public long Available
    {
        get { lock (_lock) return _limit - _reserved; }
    }

    /// <summary>Reserves the bytes of one example.</summary>
    public void ReserveItem(long bytes, string path) => Reserve(bytes + ItemBytes, path);

    /// <summary>Reserves what a text takes.</summary>
    public void ReserveText(string text, string path) => ReserveItem(sizeof(char) * (long)text.Length, path);

    /// <summary>Reserves bytes for the content of a file.</summary>
    /// <exception cref="InvalidDataException">They exceed the limit.</exception>
    public void Reserve(long bytes, string path)
    {
        lock (_lock)
        {
            CheckFits(bytes, path);
            _reserved += bytes;
        }
    }

    /// <summary>Checks that bytes could be reserved.</summary>
    /// <exception cref="InvalidDataException">They exceed the limit.</exception>
    public void CheckFits(long bytes, string path)
    {
        lock (_lock)
        {
            if (bytes <= _limit - _reserved) return;

            throw new InvalidDataException(
                $"{path} would bring the data to {NumberFormat.Rounded((_reserved + bytes) / 1e6, 1)} MB; "
                + Invariant($"the option \"memoryLimit\" allows {megabytes} MB."));
        }
    }
}
