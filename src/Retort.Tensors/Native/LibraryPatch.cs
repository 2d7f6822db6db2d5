using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Retort.Tensors.Native;

/// <summary>
/// TorchSharp's library for Linux names version GLIBCXX_3.4.32 of libstdc++ for one symbol that it never calls, so the
/// loader of Debian 12 refuses it. A copy in which that one entry is marked as weak loads, and does the same.
/// </summary>
static class LibraryPatch
{
    /// <summary>The one version entry that may be marked: it stands for <c>std::ios_base_library_init</c> alone.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    const uint VersionNeeds = 0x6ffffffe;      // SHT_GNU_verneed
    const byte Weak = 2;                       // VER_FLG_WEAK

    /// <summary>The mended copy, made once for each content and kept in the cache folder.</summary>
    public static string Copy(string library, string cache)
    {
        var bytes = File.ReadAllBytes(library);
        var key = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var target = Path.Combine(cache, "native", key, Path.GetFileName(library));
        if (File.Exists(target) && new FileInfo(target).Length == bytes.Length) return target;
        if (MarkWeak(bytes) == 0) throw new InvalidDataException($"{library} does not name {Version}, so there is nothing to mend in it.");
        var draft = $"{target}.{Environment.ProcessId}.{Guid.NewGuid():N}.draft";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(draft, bytes);
            File.Move(draft, target, overwrite: true);
        }
        finally
        {
            if (File.Exists(draft)) File.Delete(draft);
        }
        return target;
    }

    /// <summary>Marks the entry in a 64-bit little-endian ELF file held in memory; hands out how many were marked.</summary>
    public static int MarkWeak(byte[] elf)
    {
        var marked = 0;
        try
        {
            if (!elf.AsSpan().StartsWith<byte>([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1])) throw new InvalidDataException("It is not a 64-bit ELF file.");
            var table = Place(elf, 0x28);                                       // e_shoff
            int count = Short(elf, 0x3c);                                       // e_shnum
            for (var i = 0; i < count; i++)
            {
                var section = table + i * 64;
                if (Word(elf, section + 4) != VersionNeeds) continue;           // sh_type
                var strings = Place(elf, table + (int)Word(elf, section + 40) * 64 + 24);   // sh_offset of sh_link
                marked += MarkSection(elf, Place(elf, section + 24), strings);
            }
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("Its section table points outside the file.", error);
        }
        return marked;
    }

    static int MarkSection(byte[] elf, int need, int strings)
    {
        for (var marked = 0; ;)
        {
            var entry = need + (int)Word(elf, need + 8);                        // vn_aux
            for (var left = Short(elf, need + 2); left > 0; left--)             // vn_cnt
            {
                var name = strings + (int)Word(elf, entry + 8);                 // vna_name
                var end = Array.IndexOf(elf, (byte)0, name);
                if (end > name && Encoding.ASCII.GetString(elf, name, end - name) == Version)
                {
                    elf[entry + 4] |= Weak;                                     // vna_flags
                    marked++;
                }
                entry += (int)Word(elf, entry + 12);                            // vna_next
            }
            var next = (int)Word(elf, need + 12);                               // vn_next
            if (next <= 0) return marked;
            need += next;
        }
    }

    static int Place(byte[] b, int at) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(b.AsSpan(at)));
    static uint Word(byte[] b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));
    static ushort Short(byte[] b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));
}
