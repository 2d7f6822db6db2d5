using System.Security.Cryptography;
using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>Decodes sound files and computes the spectrograms of their windows, on all threads.</summary>
sealed class RecordingReader(AudioDataOptions options, MemoryLimit budget)
{
    const int ChunkSize = 64;                              // files that are decoded in parallel
    const long ChunkBytes = 64_000_000;                    // a chunk closes when its files have so many

    readonly AudioFrontEnd _frontEnd = options.FrontEnd;
    readonly AudioFrontEnd? _teacherFrontEnd = options.TeacherFrontEnd;

    /// <summary>Decodes all files, chunk by chunk, in their order.</summary>
    /// <exception cref="InvalidDataException">A file cannot be read; the message names the first one.</exception>
    public List<Recording> Read(IEnumerable<(string Name, string DisplayName, byte[] Content)> files)
    {
        var recordings = new List<Recording>();
        foreach (var chunk in Chunks(files))
            foreach (var (recording, error) in chunk.AsParallel().AsOrdered().Select(TryDecode).ToList())
            {
                if (error is not null) throw new InvalidDataException(error.Message, error);
                recordings.Add(recording!);
            }
        return recordings;
    }

    /// <summary>Chunks of files: a chunk closes at a number of files, or at a sum of their bytes.</summary>
    internal static IEnumerable<List<(string Name, string DisplayName, byte[] Content)>> Chunks(
        IEnumerable<(string Name, string DisplayName, byte[] Content)> files, long maxBytes = ChunkBytes)
    {
        var chunk = new List<(string Name, string DisplayName, byte[] Content)>();
        var bytes = 0L;
        foreach (var file in files)
        {
            chunk.Add(file);
            bytes += file.Content.Length;
            if (chunk.Count < ChunkSize && bytes < maxBytes) continue;

            yield return chunk;
            chunk = [];
            bytes = 0;
        }
        if (chunk.Count > 0) yield return chunk;
    }

    /// <summary>What a run says of recordings that are shorter than a window.</summary>
    public static IEnumerable<string> Notes(IReadOnlyCollection<Recording> recordings, double window)
    {
        var padded = recordings.Count(recording => recording.IsPadded);
        if (padded > 0) yield return Invariant($"{padded} of {recordings.Count} recordings are shorter than a window ")
            + Invariant($"of {window} s and are padded with silence");
    }

    // PLINQ would throw the errors of any files; those of a chunk are looked through in its order
    (Recording? Recording, InvalidDataException? Error) TryDecode(
        (string Name, string DisplayName, byte[] Content) file)
    {
        try
        {
            return (Decode(file), null);
        }
        catch (InvalidDataException error)
        {
            return (null, error);
        }
    }

    Recording Decode((string Name, string DisplayName, byte[] Content) file)
    {
        var clip = Clip(file.Content, file.DisplayName);
        var windows = Spectrograms(clip, _frontEnd, file.DisplayName);
        return new(file.Name, file.DisplayName, SHA256.HashData(file.Content), windows,
            _teacherFrontEnd is null ? null : TeacherWindows(clip, _teacherFrontEnd, windows.Count, file.DisplayName),
            clip.Seconds < options.Window);
    }

    // a decoded file and its mean of channels are in memory
    AudioClip Clip(byte[] content, string shown)
    {
        var most = options.MemoryLimit * 1_000_000L / (2 * sizeof(float));
        if (most >= AudioClip.MaxSamples) return AudioFile.Read(content, shown);

        try
        {
            return AudioFile.Read(content, shown, (int)most);
        }
        catch (InvalidDataException error) when (IsTooLong(error, most))
        {
            throw new InvalidDataException(error.Message.TrimEnd('.') + Invariant(
                $": the option \"memoryLimit\" allows {options.MemoryLimit} MB."), error);
        }
    }

    static bool IsTooLong(InvalidDataException error, long most) =>
        error.Message.EndsWith(Invariant($"; {most} at most are read."), StringComparison.Ordinal);

    List<float[]> Spectrograms(AudioClip clip, AudioFrontEnd frontEnd, string shown)
    {
        var windows = new List<float[]>();
        foreach (var window in frontEnd.Spectrograms(clip))
        {
            budget.ReserveItem(sizeof(float) * (long)window.Length, shown);
            windows.Add(window);
        }
        return windows;
    }

    // rounding at another sampling rate may make one window of silence more or less; more would not be the same sound
    List<float[]> TeacherWindows(AudioClip clip, AudioFrontEnd frontEnd, int count, string shown)
    {
        var windows = Spectrograms(clip, frontEnd, shown);
        if (Math.Abs(windows.Count - count) > 1) throw new InvalidDataException(Invariant(
            $"{shown} must have as many windows for the teacher as for the student, {count}; it has {windows.Count}."));

        if (windows.Count < count) windows.Add(new float[windows[0].Length]);
        return windows[..count];
    }
}
