namespace Retort.Data.Audio;

/// <summary>
/// Counts the files of a folder that are not read: sound of other kinds, which is refused, and files that are no sound.
/// </summary>
/// <param name="path">The folder or archive.</param>
sealed class SkippedSounds(string path)
{
    readonly EndingCounts _sounds = new();
    readonly EndingCounts _others = new();

    /// <summary>Adds a file that is not read.</summary>
    public void Add(FileEntry entry) => (AudioKind.IsOther(entry.Name) ? _sounds : _others).Add(entry);

    /// <summary>What a run says of files that are no sound.</summary>
    public IReadOnlyList<string> Notes => _others.First is { } first
        ? [$"left out, since they are no sound: {_others}; the first: {first}"] : [];

    /// <summary>Refuses sound of other kinds.</summary>
    /// <exception cref="InvalidDataException">There is some; the message names the first file.</exception>
    public void Check()
    {
        if (_sounds.First is { } first) throw new InvalidDataException(
            $"{path} must have sound as .wav, .flac, .ogg, .mp3 or another format of libsndfile; others are "
            + $"{_sounds}, the first {first}: convert them, or move them out of the folder.");
    }
}
