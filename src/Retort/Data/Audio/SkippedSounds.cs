namespace Retort.Data.Audio;

/// <summary>
/// Counts the files of a folder that are not read: sound of other kinds, which is refused, and files that are no sound.
/// </summary>
/// <param name="path">The folder or archive.</param>
sealed class SkippedSounds(string path)
{
    readonly SortedDictionary<string, int> _sounds = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _others = new(StringComparer.Ordinal);
    string? _firstSound;
    string? _firstOther;

    /// <summary>Adds a file that is not read.</summary>
    public void Add(FileEntry entry)
    {
        var ending = Path.GetExtension(entry.Name).ToLowerInvariant();
        var isSound = AudioKind.IsOther(entry.Name);
        var counts = isSound ? _sounds : _others;
        var kind = ending.Length > 0 ? ending : "without an ending";
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
        if (isSound) _firstSound ??= entry.DisplayName;
        else _firstOther ??= entry.DisplayName;
    }

    /// <summary>What a run says of files that are no sound.</summary>
    public IReadOnlyList<string> Notes => _firstOther is null ? []
        : [$"left out, since they are no sound: {Text(_others)}; the first: {_firstOther}"];

    /// <summary>Refuses sound of other kinds.</summary>
    /// <exception cref="InvalidDataException">There is some; the message names the first file.</exception>
    public void Check()
    {
        if (_firstSound is not null) throw new InvalidDataException(
            $"{path} must have sound as .wav, .flac, .ogg, .mp3 or another format of libsndfile; others are "
            + $"{Text(_sounds)}, the first {_firstSound}: convert them, or move them out of the folder.");
    }

    static string Text(SortedDictionary<string, int> counts) =>
        string.Join(", ", counts.Select(pair => Invariant($"{pair.Value} {pair.Key}")));
}
