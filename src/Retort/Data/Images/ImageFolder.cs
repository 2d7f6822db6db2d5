namespace Retort.Data.Images;

/// <summary>
/// Options of images in class folders: <c>train/CLASS/*</c> and <c>test/CLASS/*</c>, also <c>validation/CLASS/*</c>,
/// or <c>CLASS/*</c> split by seed. The files are PNG or JPEG, on disk or in a .tar, .tar.gz, .tar.zst. Classes are
/// indexed in the order of their names.
/// </summary>
public sealed record ImageFolderOptions : ImageDataOptions
{
    protected internal override Examples Read() => new ImageFolder(this).Read();
}

/// <summary>Reads images from class folders.</summary>
sealed class ImageFolder(ImageFolderOptions options)
{
    static readonly string[] Splits = ["train", "validation", "test"];
    readonly MemoryLimit _budget = new(options.MemoryLimit);

    readonly record struct ClassFolder(int Split, string Class);

    sealed record Example(ClassFolder Folder, ImageFile File);

    public Examples Read()
    {
        var folders = new List<string>();
        var set = new ImageSet(options, _budget);
        var files = set.Decode(ReadFiles(folders));
        if (files.Count == 0)
            throw new InvalidDataException(
                $"{options.Path} must hold PNG or JPEG images in train/CLASS and test/CLASS, or in CLASS; "
                + "it has none.");

        var top = TopFolder(files);
        var hasSplits = files.Exists(file => file.Path.StartsWith(top + "train/", StringComparison.Ordinal));
        var examples = files
            .Select(file => new Example(FolderOf(file.Path[top.Length..], hasSplits, file.DisplayName), file))
            .OrderBy(example => example.Folder.Split)
            .ThenBy(example => example.Folder.Class, StringComparer.Ordinal)
            .ThenBy(example => example.File.Path, StringComparer.Ordinal)
            .ToList();
        string[] classes =
        [
            .. examples.Where(example => example.Folder.Split == 0).Select(example => example.Folder.Class).Distinct(),
        ];
        CheckClasses(examples, classes);
        CheckFolders(examples, folders, top, hasSplits);

        var (size, pixels) = set.SameSize([.. examples.Select(example => example.File)]);
        return new ImageExamples(size, pixels)
        {
            Name = DataPath.NameOf(options.Path),
            Classes = classes,
            Labels = [.. examples.Select(example => IndexOf(example.Folder.Class))],
            OwnValidation = examples.Count(example => example.Folder.Split == 1),
            OwnTest = examples.Count(example => example.Folder.Split == 2),
        };

        int IndexOf(string name) => Array.BinarySearch(classes, name, StringComparer.Ordinal);
    }

    /// <summary>Yields the images and adds the names of all folders to a list.</summary>
    IEnumerable<(string Name, string DisplayName, byte[] Content)> ReadFiles(List<string> folders)
    {
        foreach (var entry in FileTree.Walk(options.Path, _budget))
        {
            if (entry.IsFolder) folders.Add(entry.Name);
            else if (IsImage(entry.Name)) yield return (entry.Name, entry.DisplayName, entry.Bytes());
        }
    }

    /// <summary>Whether a name is that of a PNG or JPEG file that is not hidden.</summary>
    public static bool IsImage(string name) => !Path.GetFileName(name).StartsWith('.')
        && Path.GetExtension(name).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <summary>
    /// The one folder that an archive often has around everything, with <c>/</c>; empty where there is none.
    /// </summary>
    static string TopFolder(List<ImageFile> files)
    {
        var steps = files[0].Path.Split('/');
        if (steps.Length <= 2 || Splits.Contains(steps[0])) return "";

        var top = steps[0] + "/";
        return files.TrueForAll(file =>
            file.Path.StartsWith(top, StringComparison.Ordinal) && file.Path.AsSpan(top.Length).Contains('/'))
            ? top
            : "";
    }

    static ClassFolder FolderOf(string path, bool hasSplits, string shown)
    {
        var steps = path.Split('/');
        if (!hasSplits)
            return steps.Length > 1 ? new(0, steps[0])
                : throw new InvalidDataException($"{shown} must be in a class folder; it is in none.");

        var split = Array.IndexOf(Splits, steps[0]);
        return split >= 0 && steps.Length > 2 ? new(split, steps[1])
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
    void CheckFolders(List<Example> examples, List<string> folders, string top, bool hasSplits)
    {
        var filled = examples.Select(example => example.Folder).ToHashSet();
        foreach (var folder in folders)
        {
            if (!(folder + "/").StartsWith(top, StringComparison.Ordinal) || folder.Length < top.Length) continue;

            var steps = folder[top.Length..].Split('/');
            if (steps.Length != (hasSplits ? 2 : 1) || steps[^1].StartsWith('.')) continue;
            if (hasSplits && !Splits.Contains(steps[0])) continue;

            if (!filled.Contains(new(hasSplits ? Array.IndexOf(Splits, steps[0]) : 0, steps[^1])))
                throw new InvalidDataException(
                    $"{options.Path}, {folder} is a class folder without a PNG or JPEG image; each must have one.");
        }
    }
}
