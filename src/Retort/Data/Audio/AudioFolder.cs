using System.Globalization;
using Retort.Data.Images;

namespace Retort.Data.Audio;

/// <summary>
/// Options of sound files in class folders: <c>train/CLASS/*</c> and <c>test/CLASS/*</c>, also
/// <c>validation/CLASS/*</c>, or <c>CLASS/*</c>; or of ESC-50, ESC-10 or UrbanSound8K in the layout of their
/// publishers, with their folds. The files are WAV, and with libsndfile FLAC, Ogg, MP3 and others, on disk or in a
/// .tar, .tar.gz or .tar.zst. Each window of a recording is an example.
/// </summary>
public sealed record AudioFolderOptions : AudioDataOptions
{
    /// <summary>
    /// The fold that is the test split, of data that is published in folds; the last one unless given. Folds are never
    /// mixed.
    /// </summary>
    [AtLeast(1)] public int? TestFold { get; init; }

    /// <summary>
    /// The fold that is the validation split; unless given the one before the test fold, before the first the last.
    /// </summary>
    [AtLeast(1)] public int? ValidationFold { get; init; }

    public override OptionError? Validate() => base.Validate() ?? (ValidationFold is { } fold && fold == TestFold
        ? new(nameof(ValidationFold), Invariant($"must be another fold than \"testFold\"; both are {fold}."))
        : null);

    protected internal override Examples Read() => new AudioFolder(this).Read();
}

/// <summary>Reads sound files from class folders or in folds.</summary>
sealed class AudioFolder(AudioFolderOptions options)
{
    readonly MemoryLimit _budget = new(options.MemoryLimit);
    readonly SkippedSounds _skipped = new(options.Path);
    readonly List<string> _folders = [];
    (byte[] Content, string Path)? _esc50Table;
    (byte[] Content, string Path)? _urbanSoundTable;

    sealed record Labelled(Recording Recording, string Class, int Split);

    public Examples Read()
    {
        var recordings = new RecordingReader(options, _budget).Read(ReadFiles());
        _skipped.Check();
        if (recordings.Count == 0) throw new InvalidDataException(
            $"{options.Path} must hold sound files (.wav, .flac, .ogg, .mp3, …) in train/CLASS and test/CLASS, or in "
            + "CLASS; it has none.");

        List<string> notes = [.. _skipped.Notes];
        var layout = new AudioLayout(recordings.ConvertAll(recording => recording.Path), options.Path);
        var labelled = Label(recordings, layout.Labels, notes)
            .OrderBy(one => one.Split)
            .ThenBy(one => one.Recording.Path, StringComparer.Ordinal)
            .ToList();
        var classes = ClassNames.Sorted(labelled.Where(one => one.Split == 0).Select(one => one.Class).Distinct());
        CheckClasses(labelled, classes);
        layout.CheckFolders(_folders);
        (labelled, classes) = WithNames(layout, labelled, classes);
        notes.AddRange(RecordingReader.Notes(recordings, options.Window));
        var sorted = labelled.ConvertAll(one => one.Recording);
        return new AudioExamples(sorted, options.FrontEnd, options.TeacherFrontEnd)
        {
            Name = DataPath.NameOf(options.Path),
            Notes = notes,
            Classes = classes,
            Labels = AudioExamples.PerWindow(sorted, i => Array.IndexOf(classes, labelled[i].Class)),
            OwnValidation = labelled.Where(one => one.Split == 1).Sum(one => one.Recording.Windows.Count),
            OwnTest = labelled.Where(one => one.Split == 2).Sum(one => one.Recording.Windows.Count),
        };
    }

    /// <summary>
    /// Yields the sound files, and keeps the tables that are found between them and the names of folders.
    /// </summary>
    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadFiles()
    {
        foreach (var entry in FileTree.Walk(options.Path, _budget))
        {
            if (ImageKind.IsHidden(entry.Name)) continue;

            _budget.ReserveText(entry.Name + entry.DisplayName, entry.DisplayName);
            var name = Path.GetFileName(entry.Name);
            if (entry.IsFolder) _folders.Add(entry.Name);
            else if (AudioKind.IsRead(entry.Name)) yield return (entry.Name, entry.DisplayName, entry.Bytes());
            else if (name == "esc50.csv") _esc50Table = (entry.Bytes(), entry.DisplayName);
            else if (name == "UrbanSound8K.csv") _urbanSoundTable = (entry.Bytes(), entry.DisplayName);
            else _skipped.Add(entry);
        }
    }

    List<Labelled> Label(
        List<Recording> recordings, IReadOnlyList<RecordingLabel> labels, List<string> notes)
    {
        if (labels[0].Fold is null)
        {
            if (options.TestFold is not null || options.ValidationFold is not null) throw new InvalidDataException(
                $"{options.Path} has no folds, which \"testFold\" and \"validationFold\" name: its files are not in "
                + "the layout of ESC-50, ESC-10 or UrbanSound8K.");
            return [.. recordings.Zip(labels, (recording, label) => new Labelled(recording, label.Class, label.Split))];
        }
        var folds = Folds.Of(
            labels.Select(label => label.Fold!.Value), options.TestFold, options.ValidationFold, options.Path);
        notes.Add(Invariant($"fold {folds.Test} is the test split, fold {folds.Validation} the validation split"));
        return [.. recordings.Zip(labels, (recording, label) =>
            new Labelled(recording, label.Class, folds.SplitOf(label.Fold!.Value)))];
    }

    // the tables name the classes of files whose names have a number
    (List<Labelled> Labelled, string[] Classes) WithNames(
        AudioLayout layout, List<Labelled> labelled, string[] classes)
    {
        var table = layout.IsEsc50 ? _esc50Table : layout.IsUrbanSound ? _urbanSoundTable : null;
        if (table is not (var content, var path)) return (labelled, classes);

        var (number, name) = layout.IsEsc50 ? ("target", "category") : ("classID", "class");
        var names = ClassTable.Read(content, path, number, name);
        return (labelled.ConvertAll(one => one with { Class = Named(one.Class) }), Array.ConvertAll(classes, Named));

        string Named(string key) => names.TryGetValue(int.Parse(key, CultureInfo.InvariantCulture), out var named)
            ? named
            : throw new InvalidDataException(
                $"{path} must have a name of class {key}, which is in the names of sound files; it has none.");
    }

    static void CheckClasses(List<Labelled> labelled, string[] classes)
    {
        foreach (var one in labelled)
            if (!classes.Contains(one.Class, StringComparer.Ordinal)) throw new InvalidDataException(
                $"{one.Recording.DisplayName} is of class \"{one.Class}\"; the classes of the training recordings are "
                + $"{string.Join(", ", classes.Take(20))}.");
    }
}
