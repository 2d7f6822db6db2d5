namespace Retort.Data.Images;

/// <summary>
/// Options of images in class folders: <c>train/CLASS/*</c> and <c>test/CLASS/*</c>, also <c>validation/CLASS/*</c>,
/// or <c>CLASS/*</c> split by seed. The files are PNG, JPEG, WebP or BMP, on disk or in a .tar,
/// .tar.gz or .tar.zst. Classes are indexed in the order of their names. Hidden files and folders, <c>__MACOSX</c> and
/// <c>Thumbs.db</c> are left out.
/// </summary>
public sealed record ImageFolderOptions : ImageDataOptions
{
    /// <summary>
    /// Whether images of other kinds, such as GIF and TIFF, are left out. By default they are an error.
    /// </summary>
    public bool SkipOtherImages { get; init; }

    protected internal override Examples Read() => new ImageFolder(this).Read();
}

/// <summary>Reads images from class folders.</summary>
sealed class ImageFolder(ImageFolderOptions options)
{
    SplitFolders _splits = new([], false, "");
    readonly SkippedFiles _skipped = new(options.Path, options.SkipOtherImages);
    readonly ClassLabels _classes = new();
    readonly MemoryLimit _budget = new(options.MemoryLimit);

    readonly record struct ClassFolder(int Split, string Class);

    sealed record Example(ClassFolder Folder, ImageFile File);

    public Examples Read()
    {
        var folders = new List<string>();
        var set = new ImageSet(options, _budget);
        var files = set.Decode(ReadFiles(folders));
        _skipped.Check();
        if (files.Count == 0)
            throw new InvalidDataException(
                $"{options.Path} must hold PNG, JPEG, WebP or BMP images in train/CLASS and test/CLASS, or in CLASS; "
                + "it has none.");

        var top = SplitFolders.TopFolder(files.ConvertAll(file => file.Path));
        var paths = files.ConvertAll(file => file.Path[top.Length..].Split('/'));
        string[] tops = [.. paths.Where(steps => steps.Length > 1).Select(steps => steps[0]).Distinct()];
        _splits = new(tops, paths.TrueForAll(steps => steps.Length > 2), options.Path);
        var examples = files
            .OrderBy(file => _splits.Of(file.Path[top.Length..].Split('/')[0]) > 0)
            .Select(file => new Example(FolderOf(file.Path[top.Length..], file.DisplayName), file))
            .OrderBy(example => example.Folder.Split)
            .ThenBy(example => example.Folder.Class, StringComparer.Ordinal)
            .ThenBy(example => example.File.Path, StringComparer.Ordinal)
            .ToList();
        string[] classes =
        [
            .. examples.Where(example => example.Folder.Split == 0).Select(example => example.Folder.Class).Distinct(),
        ];
        CheckClasses(examples, classes);
        CheckFolders(examples, folders, top);

        var unlabelled = options.Unlabelled is { } path
            ? new UnlabelledImages(path, column: null, options.SkipOtherImages, _budget) : null;
        var others = unlabelled?.Decode(set) ?? [];
        var (size, pixels) = set.SameSize([.. examples.Select(example => example.File), .. others]);
        return new ImageExamples(size, pixels)
        {
            Name = DataPath.NameOf(options.Path),
            Notes = [.. _skipped.Notes, .. unlabelled?.Notes ?? []],
            Findings = set.Findings,
            Classes = classes,
            Labels = [.. examples.Select(example => IndexOf(example.Folder.Class)), .. others.Select(_ => -1)],
            OwnValidation = examples.Count(example => example.Folder.Split == 1),
            OwnTest = examples.Count(example => example.Folder.Split == 2),
            Unlabelled = others.Count,
        };

        int IndexOf(string name) => Array.BinarySearch(classes, name, StringComparer.Ordinal);
    }

    /// <summary>Yields the images and adds the names of all folders to a list.</summary>
    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadFiles(List<string> folders)
    {
        foreach (var entry in FileTree.Walk(options.Path, _budget))
        {
            if (ImageKind.IsHidden(entry.Name)) continue;
            if (entry.Name.Contains('\ufffd')) throw new InvalidDataException(
                $"{entry.DisplayName} must have a name in UTF-8; it has another encoding.");

            _budget.ReserveText(entry.Name + entry.DisplayName, entry.DisplayName);
            if (entry.IsFolder) folders.Add(entry.Name);
            else if (ImageKind.IsRead(entry.Name)) yield return (entry.Name, entry.DisplayName, entry.Bytes());
            else _skipped.Add(entry);
        }
    }

    ClassFolder FolderOf(string path, string shown)
    {
        var steps = path.Split('/');
        if (!_splits.Any)
            return steps.Length > 1 ? new(0, _classes.Unique(steps[0]))
                : throw new InvalidDataException($"{shown} must be in a class folder; it is in none.");

        var split = _splits.Of(steps[0]);
        return split >= 0 && steps.Length > 2 ? new(split, _classes.Unique(steps[1]))
            : throw new InvalidDataException(
                $"{shown} must be in train/CLASS, validation/CLASS or test/CLASS, since there is a folder \"train\".");
    }

    static void CheckClasses(List<Example> examples, string[] classes)
    {
        foreach (var example in examples)
            if (!classes.Contains(example.Folder.Class, StringComparer.Ordinal))
                throw new InvalidDataException(
                    $"{example.File.DisplayName} is of class \"{example.Folder.Class}\"; "
                    + $"the classes of the training images are {string.Join(", ", classes.Take(20))}.");
    }

    /// <summary>Checks that every class folder has an image.</summary>
    void CheckFolders(List<Example> examples, List<string> folders, string top)
    {
        var filled = examples.Select(example => example.Folder).ToHashSet();
        foreach (var folder in folders)
        {
            if (!(folder + "/").StartsWith(top, StringComparison.Ordinal) || folder.Length < top.Length) continue;

            var steps = folder[top.Length..].Split('/');
            if (steps.Length != (_splits.Any ? 2 : 1)) continue;
            if (_splits.Any && _splits.Of(steps[0]) < 0) continue;

            if (!filled.Contains(new(_splits.Any ? _splits.Of(steps[0]) : 0, _classes.Unique(steps[^1]))))
                throw new InvalidDataException(
                    $"{options.Path}, {folder} is a class folder without an image; each must have one.");
        }
    }
}
