namespace Retort.Runtime.Features.Audio;

/// <summary>
/// Reads sound files: WAV with integers, floats, A-law or µ-law, and FLAC, Ogg and the other formats of libsndfile
/// where that library is installed.
/// </summary>
public static class AudioFile
{
    /// <summary>Whether files other than WAV are read: whether libsndfile is installed.</summary>
    public static bool HasLibrary => SoundFileLibrary.Instance is not null;

    /// <summary>How to install libsndfile.</summary>
    public const string LibraryHint =
        "WAV is read without it. Debian and Ubuntu: apt-get install libsndfile1; Fedora: dnf install libsndfile; "
        + "macOS: brew install libsndfile; Windows: put sndfile.dll beside the program.";

    /// <summary>Decodes a sound file.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="path">The path that messages name.</param>
    /// <param name="maxSamples">Limit for the samples of all channels.</param>
    /// <exception cref="InvalidDataException">
    /// It is no sound, damaged or cut off, too long, or needs libsndfile, which is not installed.
    /// </exception>
    public static AudioClip Read(byte[] content, string path, int maxSamples = AudioClip.MaxSamples)
    {
        if (content.Length == 0) throw new InvalidDataException($"{path} is empty.");
        if (WavReader.IsWav(content)) return WavReader.Read(content, path, maxSamples);
        if (SoundFileLibrary.Instance is { } library) return library.Read(content, path, maxSamples);

        throw new InvalidDataException(
            $"{path} is no WAV file; other formats need libsndfile, which is not installed. {LibraryHint}");
    }
}
