using System.Buffers.Binary;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Retort.Data;

/// <summary>
/// Checks the names of a tar archive's members: each is relative, does not leave the archive, and names one file.
/// </summary>
/// <param name="path">The archive.</param>
sealed class TarMembers(string path)
{
    const int MaxCount = 20_000_000;
    readonly HashSet<UInt128> _files = [];                // hashes of the names, which may be long

    /// <summary>Checks a file or a folder; other members are not read.</summary>
    /// <param name="type">The kind of member.</param>
    /// <param name="name">Its name, with <c>/</c>.</param>
    /// <param name="shown">The archive and the name, for messages.</param>
    /// <exception cref="InvalidDataException">The name is wrong, or another file has it.</exception>
    public void Check(TarEntryType type, string name, string shown)
    {
        var isFile = type is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;
        if (!isFile && type != TarEntryType.Directory) return;

        if (name.StartsWith('/') || name.Split('/').Contains("..")) throw new InvalidDataException(
            $"{shown}: a member of an archive must have a relative name without \"..\"; this one has not.");
        if (!isFile) return;

        if (_files.Count == MaxCount)
            throw new InvalidDataException(Invariant($"{path} may have at most {MaxCount} files; it has more."));
        if (!_files.Add(Key(name))) throw new InvalidDataException(
            $"{shown}: each file of an archive must have its own name; this one is there twice.");
    }

    // a/./b and a//b are a/b
    static UInt128 Key(string name)
    {
        var steps = name.Split('/').Where(step => step is not ("" or "."));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('/', steps)));
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
