namespace Retort.Data.Images;

/// <summary>What a file's name says about it.</summary>
static class ImageKind
{
    static readonly HashSet<string> s_other = new(StringComparer.OrdinalIgnoreCase)
    {
        ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".ico",
        ".svg", ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".psd", ".dcm", ".dng", ".cr2", ".nef", ".exr", ".hdr",
        ".npy", ".npz",
    };

    static readonly HashSet<string> s_added =
        new(StringComparer.OrdinalIgnoreCase) { "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini" };

    /// <summary>Whether a name is that of a PNG, JPEG, WebP or BMP file that is not hidden.</summary>
    public static bool IsRead(string name) => !IsHidden(name)
        && Path.GetExtension(name).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".jpe" or ".jfif"
            or ".webp" or ".bmp" or ".dib";

    /// <summary>Whether a file is an image of a kind that is not read, or one whose name has no ending.</summary>
    public static bool IsOther(FileEntry entry)
    {
        var ending = Path.GetExtension(entry.Name);
        if (ending.Length > 0) return s_other.Contains(ending);

        Span<byte> start = stackalloc byte[4];
        entry.ReadStart(start);
        return start is [0x89, 0x50, 0x4e, 0x47] or [0xff, 0xd8, 0xff, _];
    }

    /// <summary>
    /// Whether a file or a folder above it is hidden (<c>.ipynb_checkpoints</c>, <c>._1.png</c>), is what macOS adds
    /// to archives, or is what Windows adds to folders (<c>Thumbs.db</c>, <c>desktop.ini</c>).
    /// </summary>
    public static bool IsHidden(string name) => name.Split('/').Any(step =>
        s_added.Contains(step) || step.StartsWith('.') && step is not ("." or ".."));
}
