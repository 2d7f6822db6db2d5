using System.Buffers.Binary;
using System.Text;

namespace Retort.Tensors.Files;

/// <summary>Where the parts of a zip file lie. PyTorch stores tensors and their table as they are; a program's code it compresses.</summary>
static class PthArchive
{
    /// <summary>A part's bytes in the file, and whether they are stored as they are.</summary>
    public readonly record struct Place(long From, long Length, bool Plain = true);

    const int MostParts = 200_000, LongestDirectory = 32 << 20, EndSize = 22, LocatorSize = 20, End64Size = 56, EntrySize = 46, LocalSize = 30;

    /// <summary>The parts by name, each checked to lie within the file.</summary>
    public static Dictionary<string, Place> Parts(FileStream file, Func<string, InvalidDataException> wrong)
    {
        var (from, length, count) = Directory(file, wrong);
        if (from < 0 || length < 0 || from > file.Length - length || length > LongestDirectory || count < 0 || count > Math.Min(MostParts, length / EntrySize))
            throw wrong($"its directory of {count} parts in {length} bytes at byte {from} does not fit the file");
        var directory = Bytes(file, from, (int)length);
        var parts = new Dictionary<string, Place>((int)count);
        var at = 0;
        for (long i = 0; i < count; i++)
        {
            var (name, place, size) = Entry(directory.AsSpan(at), file, wrong);
            if (!parts.TryAdd(name, place)) throw wrong($"it has two parts '{name}'");
            at += size;
        }
        return parts;
    }

    // the end of the file says where the directory is; past 4 GB another record does, which stands before it
    static (long From, long Length, long Count) Directory(FileStream file, Func<string, InvalidDataException> wrong)
    {
        var whole = file.Length;                                            // taken once: the file may be cut off meanwhile
        var length = (int)Math.Min(whole, EndSize + ushort.MaxValue);
        var tail = Bytes(file, whole - length, length);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end > length - EndSize) throw wrong("it begins as a zip file and has no end of one; it is cut short");
        var record = tail.AsSpan(end);
        var found = ((long)U32(record[16..]), (long)U32(record[12..]), (long)U16(record[10..]));
        if (found is not (uint.MaxValue, _, _) and not (_, uint.MaxValue, _) and not (_, _, ushort.MaxValue)) return found;
        if (end < LocatorSize || !tail.AsSpan(end - LocatorSize).StartsWith("PK\u0006\u0007"u8)) return found;
        var place = I64(tail.AsSpan(end - LocatorSize + 8));
        if (place < 0 || place > file.Length - End64Size) throw wrong($"its directory would be described at byte {place} of {file.Length}");
        var large = Bytes(file, place, End64Size);
        if (!large.AsSpan().StartsWith("PK\u0006\u0006"u8)) throw wrong($"its directory is not described at byte {place}, where it should be");
        return (I64(large.AsSpan(48)), I64(large.AsSpan(40)), I64(large.AsSpan(32)));
    }

    static (string Name, Place Place, int Size) Entry(ReadOnlySpan<byte> entry, FileStream file, Func<string, InvalidDataException> wrong)
    {
        if (entry.Length < EntrySize || !entry.StartsWith("PK\u0001\u0002"u8)) throw wrong("its directory is damaged");
        var (flags, method) = (U16(entry[8..]), U16(entry[10..]));
        int names = U16(entry[28..]), extras = U16(entry[30..]), size = EntrySize + names + extras + U16(entry[32..]);
        if (size > entry.Length) throw wrong("its directory is damaged");
        var name = Encoding.UTF8.GetString(entry.Slice(EntrySize, names));
        long packed = U32(entry[20..]), length = U32(entry[24..]), local = U32(entry[42..]);
        Widen(entry.Slice(EntrySize + names, extras), ref length, ref packed, ref local);
        if ((flags & 1) != 0) throw wrong($"its part '{name}' is encrypted");
        if (local < 0 || local > file.Length - LocalSize) throw wrong($"its part '{name}' would begin at byte {local} of {file.Length}");
        Span<byte> head = stackalloc byte[LocalSize];
        file.Position = local;
        file.ReadExactly(head);
        if (!head.StartsWith("PK\u0003\u0004"u8)) throw wrong($"its part '{name}' does not begin at byte {local}, where it should");
        var from = local + LocalSize + U16(head[26..]) + U16(head[28..]);
        if (packed < 0 || from > file.Length - packed) throw wrong($"its part '{name}' of {packed} bytes would end at byte {from + packed} of {file.Length}; it is cut short");
        return (name, new(from, packed, method == 0 && packed == length), size);
    }

    // numbers that are too large for 32 bits stand in an extra field, in this order, each only where it is needed
    static void Widen(ReadOnlySpan<byte> extras, ref long length, ref long packed, ref long local)
    {
        while (extras.Length >= 4)
        {
            int kind = U16(extras), size = U16(extras[2..]);
            if (size > extras.Length - 4) return;
            if (kind == 1)
            {
                var field = extras.Slice(4, size);
                if (length == uint.MaxValue) length = Wide(ref field);
                if (packed == uint.MaxValue) packed = Wide(ref field);
                if (local == uint.MaxValue) local = Wide(ref field);
                return;
            }
            extras = extras[(4 + size)..];
        }

        static long Wide(ref ReadOnlySpan<byte> field)
        {
            if (field.Length < 8) return -1;
            var value = I64(field);
            field = field[8..];
            return value;
        }
    }

    static byte[] Bytes(FileStream file, long from, int length)
    {
        var bytes = new byte[length];
        file.Position = from;
        file.ReadExactly(bytes);
        return bytes;
    }

    static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
