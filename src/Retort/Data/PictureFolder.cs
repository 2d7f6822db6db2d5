using static System.FormattableString;

namespace Retort.Data;

/// <summary>
/// Options of pictures sorted into folders by class: <c>train/CLASS/*</c> and <c>test/CLASS/*</c> (also
/// <c>validation/CLASS/*</c>), or <c>CLASS/*</c> split by seed; PNG and JPEG; on disk or in a .tar, .tar.gz, .tar.zst.
/// Classes are numbered in the order of their names.
/// </summary>
public sealed record PictureFolderOptions : FileDataOptions
{
    /// <summary>Side in pixels that every picture is brought to, from the square in its middle; as they are unless given.</summary>
    public int? Size { get; init => field = value is { } side ? Require.Positive(side) : null; }

    /// <summary>Channels of every picture, 1 or 3; unless given 1 where all files are grey, else 3.</summary>
    public int? Channels
    {
        get;
        init => field = value is null or 1 or 3 ? value
            : throw new ArgumentOutOfRangeException(nameof(Channels), null, Invariant($"Channels must be 1 or 3; it is {value}."));
    }

    /// <summary>Pixels that one picture may have, at most 500 million; a file that claims more is refused before it is decoded.</summary>
    public int MaxPixels
    {
        get;
        init => field = value is >= 1 and <= 500_000_000 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPixels), null, Invariant($"MaxPixels must be from 1 to 500000000; it is {value}."));
    } = 50_000_000;

    protected internal override Examples Read() => new PictureFolder(this).Read();
}

/// <summary>Reads pictures from a tree of folders.</summary>
sealed class PictureFolder(PictureFolderOptions options)
{
    const int Together = 256;                            // pictures decoded side by side
    static readonly string[] Parts = ["train", "validation", "test"];
    readonly Budget _budget = new(options.Budget);

    sealed record Found(string Path, string Shown, Picture Picture);
    readonly record struct Place(int Part, string Class);

    public Examples Read()
    {
        var folders = new List<string>();
        var found = Decoded(folders);
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
        var (canvas, pixels) = Alike([.. placed.Select(one => one.File)]);
        return new Pictures(canvas, pixels)
        {
            Name = Folder.NameOf(options.Path),
            Classes = classes,
            Labels = [.. placed.Select(one => Array.BinarySearch(classes, one.Place.Class, StringComparer.Ordinal))],
            OwnValidation = placed.Count(one => one.Place.Part == 1),
            OwnTest = placed.Count(one => one.Place.Part == 2),
        };
    }

    List<Found> Decoded(List<string> folders)
    {
        var found = new List<Found>();
        foreach (var chunk in Contents(folders).Chunk(Together))
        {
            try
            {
                found.AddRange(chunk.AsParallel().AsOrdered().Select(file =>
                    new Found(file.Name, file.Shown, Fitted(
                        PictureCodec.Decode(file.Content, file.Shown, canvas => Accept(canvas, file.Shown))))));
            }
            catch (AggregateException error) when (error.InnerExceptions.All(inner => inner is InvalidDataException))
            {
                throw new InvalidDataException(
                    error.InnerExceptions.Select(inner => inner.Message).Min(StringComparer.Ordinal), error);
            }
        }
        return found;
    }

    IEnumerable<(string Name, string Shown, byte[] Content)> Contents(List<string> folders)
    {
        foreach (var entry in Tree.Walk(options.Path, _budget))
        {
            if (entry.IsFolder) folders.Add(entry.Name);
            else if (IsPicture(entry.Name)) yield return (entry.Name, entry.Shown, entry.Bytes());
        }
    }

    /// <summary>Whether a file's name is one of a picture that is read here.</summary>
    public static bool IsPicture(string name) => !Path.GetFileName(name).StartsWith('.')
        && Path.GetExtension(name).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    void Accept(Canvas canvas, string shown)
    {
        if ((long)canvas.Height * canvas.Width > options.MaxPixels)
            throw new InvalidDataException(
                Invariant($"{shown} is {canvas.Height} × {canvas.Width}; the option \"maxPixels\" allows {options.MaxPixels} pixels."));
        var channels = options.Channels ?? canvas.Channels;
        _budget.Spend((long)channels * (options.Size is { } side ? (long)side * side : canvas.Area), shown);
    }

    Picture Fitted(Picture picture)
    {
        var one = options.Size is { } side ? picture.Square(side) : picture;
        return options.Channels is { } channels ? one.WithChannels(channels) : one;
    }

    /// <summary>The one folder that an archive often has round everything; empty where there is none.</summary>
    static string Top(List<Found> found)
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

    void Check(List<(Place Place, Found File)> placed, List<string> folders, string top, bool named, string[] classes)
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

    (Canvas, List<byte[]>) Alike(List<Found> found)
    {
        var first = found[0];
        var channels = found.Max(one => one.Picture.Canvas.Channels);
        var pixels = new List<byte[]>(found.Count);
        foreach (var one in found)
        {
            var (canvas, expected) = (one.Picture.Canvas, first.Picture.Canvas);
            if ((canvas.Height, canvas.Width) != (expected.Height, expected.Width))
                throw new InvalidDataException(
                    Invariant($"{one.Shown} is {canvas.Height} × {canvas.Width}, but {first.Path} is {expected.Height} × {expected.Width}; ")
                    + "the option \"size\" brings all to one.");
            if (canvas.Channels < channels) _budget.Spend(2L * canvas.Area, one.Shown);
            pixels.Add(one.Picture.WithChannels(channels).Pixels);
        }
        return (first.Picture.Canvas with { Channels = channels }, pixels);
    }
}
