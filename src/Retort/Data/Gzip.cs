namespace Retort.Data;

/// <summary>Opens files that are packed by gzip.</summary>
static class Gzip
{
    /// <summary>Whether a file, at its start, begins as gzip does. It is at its start again.</summary>
    public static bool Is(Stream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var count = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return count == magic.Length && magic.SequenceEqual((ReadOnlySpan<byte>)[0x1f, 0x8b]);
    }

    /// <summary>The content of a packed file.</summary>
    /// <exception cref="InvalidDataException">The file is not gzip.</exception>
    public static Stream Open(Stream file, string path)
    {
        if (Is(file)) return new WholeGzipStream(file);

        file.Dispose();
        throw new InvalidDataException($"{path} is not gzip, as its name says: its first two bytes are not 1f 8b.");
    }
}
