using System.Diagnostics;

namespace Retort.Fire.Damage;

/// <summary>
/// A file that is damaged: where it lies, what it is when it is sound, and how one that knows its format damages it.
/// </summary>
sealed record Target(string Path, Func<byte[], Random, byte[]> Change, params IReadOnlyList<byte[]> Sound);

/// <summary>How one damaged file was taken.</summary>
/// <param name="Refused">Whether it was refused in our words.</param>
/// <param name="Finding">What must not be; null where all is well.</param>
/// <param name="Allocated">Bytes of managed memory, all together.</param>
/// <param name="Milliseconds">Until the answer.</param>
sealed record Trial(bool Refused, string? Finding, long Allocated, double Milliseconds);

/// <summary>One reader under fire. A seed is one damaged file: the same in every process.</summary>
sealed class Reader
{
    /// <summary>As the log and <c>--only</c> have it.</summary>
    public required string Name { get; init; }

    /// <summary>What a message must name.</summary>
    public required string Folder { get; init; }

    /// <summary>One of them is damaged at a time.</summary>
    public required IReadOnlyList<Target> Targets { get; init; }

    /// <summary>Reads what lies there, all of it.</summary>
    public required Action Read { get; init; }

    /// <summary>
    /// Whether what was read last is what the sound file holds. Asked after damage that knows nothing of the format,
    /// which a reader with checksums must notice.
    /// </summary>
    public Func<bool>? IsUnchanged { get; init; }

    /// <summary>Puts right what another file says of the damaged one.</summary>
    public Action? Repair { get; init; }

    /// <summary>
    /// The most managed memory that reading may take, all allocations together: the reader's
    /// stated budget and what it is read with.
    /// </summary>
    public long Budget { get; init; } = 40_000_000;

    /// <summary>Of how many parts of all inputs this reader gets one.</summary>
    public int Weight { get; init; } = 2;

    /// <summary>The files as they are when nothing is wrong with them; reading them throws nothing.</summary>
    public void Sound()
    {
        foreach (var target in Targets) Put(target, target.Sound[0]);
        foreach (var target in Targets)
        {
            foreach (var sound in target.Sound)
            {
                Put(target, sound);
                Read();
            }
            Put(target, target.Sound[0]);
        }
    }

    /// <summary>
    /// The damaged file of a seed, and where it belongs; every other one is damaged with knowledge of its format.
    /// </summary>
    public (Target Target, byte[] Content) Mutant(int seed)
    {
        var random = new Random(unchecked(seed * (int)2654435761));
        var target = random.Of(Targets);
        var whole = random.Of(target.Sound);
        return (target, seed % 2 == 0 ? target.Change(whole, random) : ByteDamage.Change(whole, random));
    }

    public Trial Try(int seed)
    {
        var (target, content) = Mutant(seed);
        Put(target, content);
        var (before, clock, error) = (GC.GetTotalAllocatedBytes(), Stopwatch.StartNew(), default(Exception));
        try
        {
            Read();
        }
        catch (Exception thrown)                                           // each kind is judged
        {
            error = thrown;
        }
        var (allocated, milliseconds) = (GC.GetTotalAllocatedBytes() - before, clock.Elapsed.TotalMilliseconds);
        Put(target, target.Sound[0]);
        var finding = error is null ? null : Judged(error);
        if (error is null && seed % 2 != 0 && IsUnchanged?.Invoke() == false)
            finding = "it was read, but not as what the sound file holds";
        if (allocated > Budget) finding ??= FormattableString.Invariant(
            $"it took {allocated} bytes of managed memory; {Budget} are allowed");
        return new(error is not null, finding, allocated, milliseconds);
    }

    /// <summary>
    /// One sentence of ours that names the file: a wrong file or, of a file that belongs elsewhere, wrong use.
    /// </summary>
    string? Judged(Exception error)
    {
        var kind = error.GetType();
        var ours = kind == typeof(InvalidDataException)
            || kind == typeof(InvalidOperationException)
            || kind.Assembly == typeof(Dataset).Assembly;
        if (!ours) return $"{error.GetType().Name} came out of it: {error}";
        if (!error.Message.Contains(Folder, StringComparison.Ordinal))
            return $"its message does not name the file: {error}";
        return error.Message.Contains('\n', StringComparison.Ordinal)
            ? $"its message has several lines: {error.Message}" : null;
    }

    void Put(Target target, byte[] content)
    {
        File.WriteAllBytes(target.Path, content);
        Repair?.Invoke();
    }
}
