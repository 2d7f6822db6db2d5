using System.Globalization;
using System.Text.RegularExpressions;
using Retort.Data.Images;

namespace Retort.Data.Audio;

/// <summary>The layout of sound files, found by their names, and what each name says.</summary>
sealed partial class AudioLayout
{
    readonly string _root;
    readonly string _top = "";
    readonly SplitFolders _splits = new([], false, "");
    readonly ClassLabels _classes = new();

    /// <summary>Finds the layout.</summary>
    /// <param name="paths">The names in the data set, with <c>/</c>.</param>
    /// <param name="root">The data set, for messages.</param>
    /// <exception cref="InvalidDataException">
    /// A file is in no class folder, or only some names have a fold.
    /// </exception>
    public AudioLayout(IReadOnlyList<string> paths, string root)
    {
        _root = root;
        IsEsc50 = AreInOneFolder(paths) && Matches(paths, Esc50Name(), "ESC-50");
        IsUrbanSound = !IsEsc50 && Matches(paths, UrbanSoundName(), "UrbanSound8K");
        if (IsEsc50 || IsUrbanSound)
        {
            var name = IsEsc50 ? Esc50Name() : UrbanSoundName();
            Labels = [.. paths.Select(path => Numbered(name.Match(path)))];
            return;
        }

        _top = SplitFolders.TopFolder(paths);
        var steps = paths.Select(path => path[_top.Length..].Split('/')).ToList();
        string[] tops = [.. steps.Where(path => path.Length > 1).Select(path => path[0]).Distinct()];
        _splits = new(tops, steps.TrueForAll(path => path.Length > 2), root);
        var hasFolds = !_splits.Any && Matches(paths, FoldName(), "ESC-10");
        Labels = [.. paths.Select((path, i) => InFolder(
            steps[i], $"{root}, {path}", hasFolds ? Number(FoldName().Match(path).Groups["fold"]) : null))];
    }

    /// <summary>Whether the files are those of ESC-50: in one folder, named by fold, clip, take and class.</summary>
    public bool IsEsc50 { get; }

    /// <summary>Whether the files are named as those of UrbanSound8K, in folders of folds.</summary>
    public bool IsUrbanSound { get; }

    /// <summary>What each file's name says, in their order.</summary>
    public IReadOnlyList<RecordingLabel> Labels { get; }

    /// <summary>Checks that every class folder has a sound file.</summary>
    /// <param name="folders">All folders of the data set.</param>
    /// <exception cref="InvalidDataException">A class folder has none.</exception>
    public void CheckFolders(IEnumerable<string> folders)
    {
        if (IsEsc50 || IsUrbanSound) return;

        var filled = Labels.Select(label => (label.Split, label.Class)).ToHashSet();
        foreach (var folder in folders.Where(name => name.StartsWith(_top, StringComparison.Ordinal)))
        {
            var steps = folder[_top.Length..].TrimEnd('/').Split('/');
            if (steps.Length != (_splits.Any ? 2 : 1) || steps[0].Length == 0) continue;

            var split = _splits.Any ? _splits.Of(steps[0]) : 0;
            if (split >= 0 && !filled.Contains((split, _classes.Unique(steps[^1])))) throw new InvalidDataException(
                $"{_root}, {folder} is a class folder without a sound file; each must have one.");
        }
    }

    static bool AreInOneFolder(IReadOnlyList<string> paths)
    {
        var folder = Path.GetDirectoryName(paths[0]);
        return paths.All(path => Path.GetDirectoryName(path) == folder);
    }

    /// <summary>
    /// Whether all files have names of this form. If only some have, a shuffle would leak, and it is refused.
    /// </summary>
    bool Matches(IReadOnlyList<string> paths, Regex name, string layout)
    {
        var matching = paths.FirstOrDefault(path => name.IsMatch(path));
        if (matching is null) return false;
        if (paths.FirstOrDefault(path => !name.IsMatch(path)) is not { } other) return true;

        throw new InvalidDataException($"{_root}, {other} must be named as the files of {layout}, with its fold, "
            + $"since {matching} is; all files or none must have a fold.");
    }

    RecordingLabel InFolder(string[] steps, string shown, int? fold)
    {
        if (!_splits.Any) return steps.Length > 1 ? new(_classes.Unique(steps[0]), 0, fold)
            : throw new InvalidDataException($"{shown} must be in a class folder; it is in none.");

        var split = _splits.Of(steps[0]);
        return split >= 0 && steps.Length > 2 ? new(_classes.Unique(steps[1]), split, fold)
            : throw new InvalidDataException(
                $"{shown} must be in train/CLASS, validation/CLASS or test/CLASS, since there is a folder \"train\".");
    }

    static RecordingLabel Numbered(Match match) =>
        new(Number(match.Groups["class"]).ToString(CultureInfo.InvariantCulture), 0, Number(match.Groups["fold"]));

    static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    // audio/1-137-A-32.wav
    [GeneratedRegex(
        @"(^|/)(?<fold>[0-9]{1,2})-[0-9]+-[A-Z]-(?<class>[0-9]{1,3})\.[^./]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Esc50Name();

    // 001 - Dog bark/1-100032-A.ogg; also clips of ESC-50 in class folders, indoor/1-137-A-32.wav
    [GeneratedRegex(
        @"(^|/)(?<fold>[0-9]{1,2})-[0-9]+-[A-Z](-[0-9]{1,3})?\.[^./]+$", RegexOptions.CultureInvariant)]
    private static partial Regex FoldName();

    // fold1/101415-3-0-2.wav
    [GeneratedRegex(
        @"(^|/)fold(?<fold>[0-9]{1,2})/[0-9]+-(?<class>[0-9]{1,3})-[0-9]+-[0-9]+\.[^./]+$",
        RegexOptions.CultureInvariant)]
    private static partial Regex UrbanSoundName();
}
