using System.Security.Cryptography;
using Retort.Runtime.Features.Audio;

namespace Retort.Data.Audio;

/// <summary>Decodes sound files and computes the spectrograms of their windows, on all threads.</summary>
sealed class RecordingReader(AudioDataOptions options, MemoryLimit budget)
{
    const int ChunkSize = 64;                              // files that are decoded in parallel

    readonly AudioFrontEnd _frontEnd = options.FrontEnd;
    readonly AudioFrontEnd? _teacherFrontEnd = options.TeacherFrontEnd;

    /// <summary>Decodes all files, chunk by chunk, in their order.</summary>
    /// <exception cref="InvalidDataException">A file cannot be read; the message names the first one.</exception>
    public List<Recording> Read(IEnumerable<(string Name, string DisplayName, byte[] Content)> files)
    {
        var recordings = new List<Recording>();
        foreach (var chunk in files.Chunk(ChunkSize))
        {
            try
            {
                recordings.AddRange(chunk.AsParallel().AsOrdered().Select(Decode));
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is InvalidDataException))
            {
                var first = error.InnerExceptions.Select(inner => inner.Message).Min(StringComparer.Ordinal);
                throw new InvalidDataException(first, error);
            }
        }
        return recordings;
    }

    /// <summary>What a run says of recordings that are shorter than a window.</summary>
    public static IEnumerable<string> Notes(IReadOnlyCollection<Recording> recordings, double window)
    {
        var padded = recordings.Count(recording => recording.IsPadded);
        if (padded > 0) yield return Invariant($"{padded} of {recordings.Count} recordings are shorter than a window ")
            + Invariant($"of {window} s and are padded with silence");
    }

    Recording Decode((string Name, string DisplayName, byte[] Content) file)
    {
        // a decoded file and its mean of channels are in memory, beside those of the other threads
        var most = budget.Available / (2 * sizeof(float)) / Environment.ProcessorCount;
        var clip = AudioFile.Read(file.Content, file.DisplayName, (int)Math.Clamp(most, 1, AudioClip.MaxSamples));
        var windows = Spectrograms(clip, _frontEnd, file.DisplayName);
        return new(file.Name, file.DisplayName, SHA256.HashData(file.Content), windows,
            _teacherFrontEnd is null ? null : TeacherWindows(clip, _teacherFrontEnd, windows.Count, file.DisplayName),
            clip.Seconds < options.Window);
    }

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
