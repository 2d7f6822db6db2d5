using System.Globalization;
using System.Text.RegularExpressions;
using Retort.Data.Images;

namespace Retort.Data.Audio;

/// <summary>Finds the layout of sound files by their names, and what each name says.</summary>
static partial class AudioLayout
{
    /// <summary>Whether all files are named as those of ESC-50: fold, clip, take and class.</summary>
    public static bool IsEsc50(IReadOnlyList<string> paths) => paths.All(path => Esc50Name().IsMatch(path));

    /// <summary>Whether all files are named as those of UrbanSound8K, in folders of folds.</summary>
    public static bool IsUrbanSound(IReadOnlyList<string> paths) => paths.All(path => UrbanSoundName().IsMatch(path));

    /// <summary>What each file's name says, in their order.</summary>
    /// <param name="paths">The names in the data set, with <c>/</c>.</param>
    /// <param name="root">The data set, for messages.</param>
    /// <exception cref="InvalidDataException">A file is in no class folder.</exception>
    public static List<RecordingLabel> Labels(IReadOnlyList<string> paths, string root)
    {
        if (IsEsc50(paths)) return [.. paths.Select(path => Labelled(Esc50Name().Match(path)))];
        if (IsUrbanSound(paths)) return [.. paths.Select(path => Labelled(UrbanSoundName().Match(path)))];

        var top = SplitFolders.TopFolder(paths).Length;
        var steps = paths.Select(path => path[top..].Split('/')).ToList();
        string[] tops = [.. steps.Where(path => path.Length > 1).Select(path => path[0]).Distinct()];
        var splits = new SplitFolders(tops, steps.TrueForAll(path => path.Length > 2), root);
        var hasFolds = !splits.Any && paths.All(path => Esc10Name().IsMatch(path));
        var classes = new ClassLabels();
        return [.. paths.Select((path, i) =>
        {
            var (folder, split) = InFolder(steps[i], splits, $"{root}, {path}");
            return new RecordingLabel(
                classes.Unique(folder), split, hasFolds ? Number(Esc10Name().Match(path).Groups["fold"]) : null);
        })];
    }

    static (string Class, int Split) InFolder(string[] steps, SplitFolders splits, string shown)
    {
        if (!splits.Any) return steps.Length > 1 ? (steps[0], 0)
            : throw new InvalidDataException($"{shown} must be in a class folder; it is in none.");

        var split = splits.Of(steps[0]);
        return split >= 0 && steps.Length > 2 ? (steps[1], split)
            : throw new InvalidDataException(
                $"{shown} must be in train/CLASS, validation/CLASS or test/CLASS, since there is a folder \"train\".");
    }

    static RecordingLabel Labelled(Match match) =>
        new(Number(match.Groups["class"]).ToString(CultureInfo.InvariantCulture), 0, Number(match.Groups["fold"]));

    static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    // 1-137-A-32.wav
    [GeneratedRegex(@"(^|/)(?<fold>\d{1,2})-\d+-[A-Z]-(?<class>\d{1,3})\.[^./]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Esc50Name();

    // 001 - Dog bark/1-100032-A.ogg
    [GeneratedRegex(@"(^|/)(?<fold>\d{1,2})-\d+-[A-Z]\.[^./]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Esc10Name();

    // fold1/101415-3-0-2.wav
    [GeneratedRegex(
        @"(^|/)fold(?<fold>\d{1,2})/\d+-(?<class>\d{1,3})-\d+-\d+\.[^./]+$", RegexOptions.CultureInvariant)]
    private static partial Regex UrbanSoundName();
}
