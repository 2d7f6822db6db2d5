namespace Retort.Data;

/// <summary>A file or folder in a folder or an archive.</summary>
/// <param name="Name">Its path in the folder or archive, with <c>/</c>.</param>
/// <param name="DisplayName">Its name in messages.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Open">Opens its content; null for a folder.</param>
/// <param name="Budget">The limit that its size is checked against.</param>
sealed record FileEntry(string Name, string DisplayName, long Length, Func<Stream>? Open, MemoryLimit Budget)
{
    public bool IsFolder => Open is null;

    /// <summary>The whole content. The buffer grows with the bytes read, not with the size in a header.</summary>
    public byte[] Bytes()
    {
        Budget.CheckFits(Length, DisplayName);
        using var stream = Open!();
        var content = new MemoryStream((int)Math.Min(Length, 1 << 20));
        var buffer = new byte[1 << 16];
        try
        {
            while (stream.Read(buffer) is > 0 and var count) content.Write(buffer, 0, count);
        }
        catch (Exception error) when (FileTree.IsDamage(error))
        {
            throw CannotBeUnpacked(error);
        }

        return content.Length == Length ? content.ToArray() : throw new InvalidDataException(
            Invariant($"{DisplayName} must have {Length} bytes; it has {content.Length}."));
    }

    /// <summary>Reads the first bytes of the content, as many as there are; the rest of the buffer stays.</summary>
    public void ReadStart(Span<byte> start)
    {
        using var stream = Open!();
        try
        {
            stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (FileTree.IsDamage(error))
        {
            throw CannotBeUnpacked(error);
        }
    }

    InvalidDataException CannotBeUnpacked(Exception error) =>
        new($"{DisplayName} cannot be unpacked: {error.Message.OnOneLine()}", error);
}
