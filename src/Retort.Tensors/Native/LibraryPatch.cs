using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Retort.Tensors.Native;

/// <summary>
/// Makes a copy of TorchSharp's Linux library that loads on systems with an older libstdc++, such as Debian 12.
/// </summary>
/// <remarks>
/// The library requires version GLIBCXX_3.4.32 for one symbol that it never calls, and the system's loader refuses it
/// where that version is missing. In the copy this one requirement is marked as weak, which the loader accepts.
/// </remarks>
static class LibraryPatch
{
    /// <summary>The only version whose entry may be marked: <c>std::ios_base_library_init</c> alone needs it.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    const uint VersionNeeds = 0x6ffffffe;                                   // SHT_GNU_verneed
    const byte Weak = 2;                                                    // VER_FLG_WEAK

    /// <summary>The patched copy, made once for each content and kept in the cache folder.</summary>
    public static string Copy(string library, string cache)
    {
        var bytes = InputFile.ReadAllBytes(library, Array.MaxLength);
        var key = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var target = Path.Combine(cache, "native", key, Path.GetFileName(library));
        if (File.Exists(target) && new FileInfo(target).Length == bytes.Length) return target;

        if (MarkWeak(bytes) == 0)
            throw new InvalidDataException($"{library} does not name {Version}, so there is nothing to patch in it.");

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

    /// <summary>Marks the entry in a 64-bit little-endian ELF file in memory. Returns how many were marked.</summary>
    public static int MarkWeak(byte[] elf)
    {
        var marked = 0;
        try
        {
            if (!elf.AsSpan().StartsWith<byte>([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
                throw new InvalidDataException("It is not a 64-bit ELF file.");

            var table = ReadOffset(elf, 0x28);                              // e_shoff
            int count = ReadUInt16(elf, 0x3c);                              // e_shnum
            for (var i = 0; i < count; i++)
            {
                var section = table + i * 64;
                if (ReadUInt32(elf, section + 4) != VersionNeeds) continue; // sh_type

                var linked = table + (int)ReadUInt32(elf, section + 40) * 64;           // sh_link
                var strings = ReadOffset(elf, linked + 24);                             // its sh_offset
                marked += MarkSection(elf, ReadOffset(elf, section + 24), strings);     // sh_offset
            }
        }
        catch (Exception error) when (
            error is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("Its section table points outside the file.", error);
        }
        return marked;
    }

    static int MarkSection(byte[] elf, int need, int strings)
    {
        for (var marked = 0; ;)
        {
            var entry = need + (int)ReadUInt32(elf, need + 8);              // vn_aux
            for (var left = ReadUInt16(elf, need + 2); left > 0; left--)    // vn_cnt
            {
                var name = strings + (int)ReadUInt32(elf, entry + 8);       // vna_name
                var end = Array.IndexOf(elf, (byte)0, name);
                if (end > name && Encoding.ASCII.GetString(elf, name, end - name) == Version)
                {
                    elf[entry + 4] |= Weak;                                 // vna_flags
                    marked++;
                }
                entry += (int)ReadUInt32(elf, entry + 12);                  // vna_next
            }

            var next = (int)ReadUInt32(elf, need + 12);                     // vn_next
            if (next <= 0) return marked;
            need += next;
        }
    }

    static int ReadOffset(byte[] elf, int at) => checked((int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(at)));

    static uint ReadUInt32(byte[] elf, int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan(at));

    static ushort ReadUInt16(byte[] elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(at));
}
