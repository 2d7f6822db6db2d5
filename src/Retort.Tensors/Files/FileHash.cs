using System.Security.Cryptography;
using System.Text;

namespace Retort.Tensors.Files;

/// <summary>SHA-256 as 64 lower-case hexadecimal digits.</summary>
public static class FileHash
{
    /// <summary>The hash of a file's content.</summary>
    public static string Sha256(string path)
    {
        using var file = InputFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>The hash of bytes in memory.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The hash of a text in UTF-8.</summary>
    public static string Sha256OfText(string text) => Sha256(Encoding.UTF8.GetBytes(text));
}
