namespace Retort.Data.Text;

/// <summary>The encoding of a file of texts that has no byte order mark.</summary>
public enum TextFileEncoding
{
    /// <summary>UTF-8; other bytes are refused.</summary>
    Utf8,

    /// <summary>Latin-1, a byte a character, as older data sets have.</summary>
    Latin1,
}
