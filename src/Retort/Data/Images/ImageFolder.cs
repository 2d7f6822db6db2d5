using static System.FormattableString;

namespace Retort.Data.Images;

/// <summary>
/// Options of pictures sorted into folders by class: <c>train/CLASS/*</c> and <c>test/CLASS/*</c> (also
/// <c>validation/CLASS/*</c>), or <c>CLASS/*</c> split by seed; PNG and JPEG; on disk or in a .tar, .tar.gz, .tar.zst.
/// Classes are numbered in the order of their names.
/// </summary>
public sealed record ImageFolderOptions : ImageDataOptions
{
    protected internal override Examples Read() => new ImageFolder(this).Read();
}

/// <summary>Reads pictures from a tree of folders.</summary>
sealed class ImageFolder(ImageFolderOptions options)
{
    static readonly string[] Parts = ["train", "validation", "test"];
    readonly MemoryLimit _budget = new(options.MemoryLimit);

    readonly record struct Place(int Part, string Class);

    public Examples Read()
    {
        var folders = new List<string>();
        var set = new ImageSet(options, _budget);
        var found = set.Decoded(Contents(folders));
        if (found.Count == 0)
            throw new InvalidDataException(
                $"{options.Path} holds no PNG or JPEG picture; train/CLASS/* and test/CLASS/*, or CLASS/*, are looked for.");
        var top = Top(found);
        var named = found.Exists(one => one.Path.StartsWith(top + "train/", StringComparison.Ordinal));
        var placed = found.Select(one => (Place: PlaceOf(one.Path[top.Length..], named, one.Shown), File: one))
            .OrderBy(one => one.Place.Part).ThenBy(one => one.Place.Class, StringComparer.Ordinal)
            .ThenBy(one => one.File.Path, StringComparer.Ordinal).ToList();
        string[] classes = [.. placed.Where(one => one.Place.Part == 0).Select(one => one.Place.Class).Distinct()];
        Check(placed, folders, top, named, classes);
        var (canvas, pixels) = set.Alike([.. placed.Select(one => one.File)]);
        return new ImageExamples(canvas, pixels)
        {
            Name = Folder.NameOf(options.Path),
            Classes = classes,
            Labels = [.. placed.Select(one => Array.BinarySearch(classes, one.Place.Class, StringComparer.Ordinal))],
            OwnValidation = placed.Count(one => one.Place.Part == 1),
            OwnTest = placed.Count(one => one.Place.Part == 2),
        };
    }

    IEnumerable<(string Name, string Shown, byte[] Content)> Contents(List<string> folders)
    {
        foreach (var entry in FileTree.Walk(options.Path, _budget))
        {
            if (entry.IsFolder) folders.Add(entry.Name);
            else if (IsPicture(entry.Name)) yield return (entry.Name, entry.Shown, entry.Bytes());
        }
    }

    /// <summary>Whether a file's name is one of a picture that is read here.</summary>
    public static bool IsPicture(string name) => !Path.GetFileName(name).StartsWith('.')
        && Path.GetExtension(name).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <summary>The one folder that an archive often has round everything; empty where there is none.</summary>
    static string Top(List<ImageFile> found)
    {
        var first = found[0].Path.Split('/');
        var alone = first.Length > 2 && !Parts.Contains(first[0]) && found.TrueForAll(one =>
            one.Path.StartsWith(first[0] + "/", StringComparison.Ordinal) && one.Path.AsSpan(first[0].Length + 1).Contains('/'));
        return alone ? first[0] + "/" : "";
    }

    static Place PlaceOf(string path, bool named, string shown)
    {
        var steps = path.Split('/');
        if (!named) return steps.Length > 1 ? new(0, steps[0])
            : throw new InvalidDataException($"{shown} lies in no class folder.");
        var part = Array.IndexOf(Parts, steps[0]);
        return part >= 0 && steps.Length > 2 ? new(part, steps[1])
            : throw new InvalidDataException(
                $"{shown} must lie in train/CLASS, validation/CLASS or test/CLASS, since there is a folder \"train\".");
    }

    void Check(List<(Place Place, ImageFile File)> placed, List<string> folders, string top, bool named, string[] classes)
    {
        foreach (var one in placed)
            if (!classes.Contains(one.Place.Class, StringComparer.Ordinal))
                throw new InvalidDataException(
                    $"{one.File.Shown} is of class \"{one.Place.Class}\"; the classes are those of the training part: "
                    + $"{string.Join(", ", classes.Take(20))}.");
        var filled = placed.Select(one => one.Place).ToHashSet();
        foreach (var folder in folders)
        {
            if (!(folder + "/").StartsWith(top, StringComparison.Ordinal) || folder.Length < top.Length) continue;
            var steps = folder[top.Length..].Split('/');
            if (steps.Length != (named ? 2 : 1) || steps[^1].StartsWith('.') || (named && !Parts.Contains(steps[0]))) continue;
            if (!filled.Contains(new(named ? Array.IndexOf(Parts, steps[0]) : 0, steps[^1])))
                throw new InvalidDataException(
                    $"{options.Path}, {folder} is a class folder without a PNG or JPEG picture; each class must have one.");
        }
    }
}
