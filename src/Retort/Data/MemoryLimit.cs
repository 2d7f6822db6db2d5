using static System.FormattableString;

namespace Retort.Data;

/// <summary>How much memory the data may still take: asked by header, before anything is allocated. Safe on any thread.</summary>
sealed class MemoryLimit(int megabytes)
{
    readonly long _all = megabytes * 1_000_000L;
    readonly Lock _one = new();
    long _spent;

    /// <summary>Bytes that are left.</summary>
    public long Left
    {
        get { lock (_one) return _all - _spent; }
    }

    /// <summary>Takes bytes, or refuses the file that wants them.</summary>
    public void Spend(long bytes, string path)
    {
        lock (_one)
        {
            Fits(bytes, path);
            _spent += bytes;
        }
    }

    /// <summary>Refuses the file whose bytes would not fit.</summary>
    public void Fits(long bytes, string path)
    {
        lock (_one)
        {
            if (bytes <= _all - _spent) return;
            throw new InvalidDataException(
                Invariant($"{path} would bring the data to {(_spent + bytes) / 1e6:0.#} MB; the option \"memoryLimit\" allows {megabytes} MB."));
        }
    }
}
