namespace Retort.Data.Images;

/// <summary>Which top folders of a data set are splits: train, Testing, val, also seg_train and test_set.</summary>
sealed class SplitFolders
{
    static readonly Dictionary<string, int> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = 0, ["training"] = 0, ["validation"] = 1, ["valid"] = 1, ["val"] = 1, ["dev"] = 1, ["test"] = 2,
        ["testing"] = 2,
    };

    readonly Dictionary<string, int> _splits = new(StringComparer.Ordinal);

    /// <param name="folders">The top folders that hold images.</param>
    /// <param name="haveFolders">Whether every image is in a folder inside one of them.</param>
    /// <param name="path">The data set, for messages.</param>
    /// <exception cref="InvalidDataException">Two folders are one split, or there is none to train on.</exception>
    public SplitFolders(IReadOnlyCollection<string> folders, bool haveFolders, string path)
    {
        var areWords = folders.Any(folder => s_words.GetValueOrDefault(folder, -1) == 0);
        if (!areWords && !haveFolders) return;

        foreach (var folder in folders)
            if ((areWords ? s_words.GetValueOrDefault(folder, -1) : Within(folder)) is >= 0 and var split)
                _splits[folder] = split;
        if (!areWords && _splits.Count < folders.Count) _splits.Clear();   // folders of classes
        if (_splits.Count == 0) return;

        if (_splits.GroupBy(pair => pair.Value).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path} must have one folder for each split; it has "
                + $"{string.Join(" and ", twice.Select(pair => pair.Key).Order(StringComparer.Ordinal))}.");
        if (!_splits.ContainsValue(0)) throw new InvalidDataException(
            $"{path} must have a folder \"train\" beside {string.Join(" and ", folders)}; it has none.");
    }

    /// <summary>Whether the folders are splits; otherwise they are classes.</summary>
    public bool Any => _splits.Count > 0;

    /// <summary>The split of a folder: training (0), validation (1), test (2); -1 of another folder.</summary>
    public int Of(string folder) => _splits.GetValueOrDefault(folder, -1);

    /// <summary>Whether a name alone is that of a split.</summary>
    public static bool IsName(string folder) => s_words.ContainsKey(folder);

    /// <summary>
    /// The one folder that an archive often has around everything, with <c>/</c>; empty where there is none.
    /// </summary>
    public static string TopFolder(IReadOnlyList<string> paths)
    {
        var steps = paths[0].Split('/');
        if (steps.Length <= 2 || IsName(steps[0])) return "";

        var top = steps[0] + "/";
        return paths.All(path =>
            path.StartsWith(top, StringComparison.Ordinal) && path.AsSpan(top.Length).Contains('/'))
            ? top
            : "";
    }

    // the split in seg_train or test-set; -1 of a name without one
    static int Within(string folder)
    {
        var words = folder.Split('_', '-', ' ', '.');
        return words.Select(word => s_words.GetValueOrDefault(word, -1)).Max();
    }
}
