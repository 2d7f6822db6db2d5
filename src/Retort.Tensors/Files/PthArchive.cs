using System.Buffers.Binary;
using System.Text;

namespace Retort.Tensors.Files;

/// <summary>
/// Reads the directory of a zip file. PyTorch stores tensors and their pickle uncompressed, so that they can be read in
/// place; it compresses a TorchScript program's code.
/// </summary>
static class PthArchive
{
    /// <summary>Where the content of a zip entry lies in the file, and whether it is uncompressed.</summary>
    public readonly record struct Entry(long Offset, long Length, bool IsStored = true);

    const int MaxEntries = 200_000;
    const int MaxDirectoryBytes = 32 << 20;

    // sizes of the zip format's records, without names and extra fields
    const int EndSize = 22;
    const int End64Size = 56;
    const int LocatorSize = 20;
    const int EntrySize = 46;
    const int LocalSize = 30;

    /// <summary>The entries by name, each checked to lie within the file.</summary>
    public static Dictionary<string, Entry> ReadEntries(FileStream file, Func<string, InvalidDataException> invalid)
    {
        var (offset, length, count) = FindDirectory(file, invalid);
        var fits = offset >= 0 && length >= 0 && offset <= file.Length - length && length <= MaxDirectoryBytes
            && count >= 0 && count <= Math.Min(MaxEntries, length / EntrySize);
        if (!fits)
            throw invalid(
                $"its directory of {count} entries in {length} bytes at byte {offset} does not fit the file");

        var directory = ReadBytes(file, offset, (int)length);
        var entries = new Dictionary<string, Entry>((int)count);
        var at = 0;
        for (long i = 0; i < count; i++)
        {
            var (name, entry, size) = ReadEntry(directory.AsSpan(at), file, invalid);
            if (!entries.TryAdd(name, entry)) throw invalid($"it has two entries '{name}'");
            at += size;
        }
        return entries;
    }

    // The record at the end of the file tells where the directory is. Past 4 GB that is in a second record before it.
    static (long Offset, long Length, long Count) FindDirectory(
        FileStream file, Func<string, InvalidDataException> invalid)
    {
        var total = file.Length;                                            // read once: the file may be cut meanwhile
        var length = (int)Math.Min(total, EndSize + ushort.MaxValue);
        var tail = ReadBytes(file, total - length, length);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end > length - EndSize)
            throw invalid("it begins as a zip file and has no end of one; it is cut short");

        var record = tail.AsSpan(end);
        var found = (Offset: (long)U32(record[16..]), Length: (long)U32(record[12..]), Count: (long)U16(record[10..]));
        var isZip64 = found.Offset == uint.MaxValue || found.Length == uint.MaxValue || found.Count == ushort.MaxValue;
        if (!isZip64) return found;
        if (end < LocatorSize || !tail.AsSpan(end - LocatorSize).StartsWith("PK\u0006\u0007"u8)) return found;

        var offset = I64(tail.AsSpan(end - LocatorSize + 8));
        if (offset < 0 || offset > file.Length - End64Size)
            throw invalid($"its directory would be described at byte {offset} of {file.Length}");
        var record64 = ReadBytes(file, offset, End64Size).AsSpan();
        if (!record64.StartsWith("PK\u0006\u0006"u8))
            throw invalid($"its directory is not described at byte {offset}, where it should be");
        return (I64(record64[48..]), I64(record64[40..]), I64(record64[32..]));
    }

    /// <summary>One entry of the directory, and its size there.</summary>
    static (string Name, Entry Entry, int Size) ReadEntry(
        ReadOnlySpan<byte> entry, FileStream file, Func<string, InvalidDataException> invalid)
    {
        if (entry.Length < EntrySize || !entry.StartsWith("PK\u0001\u0002"u8))
            throw invalid("its directory is damaged");

        var flags = U16(entry[8..]);
        var method = U16(entry[10..]);
        int nameLength = U16(entry[28..]);
        int extraLength = U16(entry[30..]);
        var size = EntrySize + nameLength + extraLength + U16(entry[32..]);
        if (size > entry.Length) throw invalid("its directory is damaged");

        var name = Encoding.UTF8.GetString(entry.Slice(EntrySize, nameLength));
        long packed = U32(entry[20..]);
        long length = U32(entry[24..]);
        long local = U32(entry[42..]);
        ReadZip64Fields(entry.Slice(EntrySize + nameLength, extraLength), ref length, ref packed, ref local);
        if ((flags & 1) != 0) throw invalid($"its entry '{name}' is encrypted");
        if (local < 0 || local > file.Length - LocalSize)
            throw invalid($"its entry '{name}' would begin at byte {local} of {file.Length}");

        Span<byte> header = stackalloc byte[LocalSize];
        file.Position = local;
        file.ReadExactly(header);
        if (!header.StartsWith("PK\u0003\u0004"u8))
            throw invalid($"its entry '{name}' does not begin at byte {local}, where it should");
        var offset = local + LocalSize + U16(header[26..]) + U16(header[28..]);
        if (packed < 0 || offset > file.Length - packed)
            throw invalid($"its entry '{name}' of {packed} bytes would end at byte {offset + packed} of {file.Length}; "
                + "it is cut short");
        return (name, new(offset, packed, method == 0 && packed == length), size);
    }

    // Numbers too large for 32 bits are in an extra field, in this order, each only if it is needed.
    static void ReadZip64Fields(ReadOnlySpan<byte> extras, ref long length, ref long packed, ref long local)
    {
        while (extras.Length >= 4)
        {
            int kind = U16(extras);
            int size = U16(extras[2..]);
            if (size > extras.Length - 4) return;

            if (kind == 1)
            {
                var field = extras.Slice(4, size);
                if (length == uint.MaxValue) length = Next(ref field);
                if (packed == uint.MaxValue) packed = Next(ref field);
                if (local == uint.MaxValue) local = Next(ref field);
                return;
            }
            extras = extras[(4 + size)..];
        }

        static long Next(ref ReadOnlySpan<byte> field)
        {
            if (field.Length < 8) return -1;

            var value = I64(field);
            field = field[8..];
            return value;
        }
    }

    /// <summary>The bytes at this offset of a file.</summary>
    public static byte[] ReadBytes(FileStream file, long offset, int length)
    {
        var bytes = new byte[length];
        file.Position = offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
