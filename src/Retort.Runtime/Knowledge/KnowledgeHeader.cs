using System.Buffers.Binary;

namespace Retort.Runtime.Knowledge;

/// <summary>
/// The first <see cref="Size"/> bytes of a knowledge base, and where its sections are: keys, the scales of int8 keys,
/// values, ids, and the texts with their offsets. All numbers are little-endian, and each section begins at a multiple
/// of 64 bytes, so that vectors are read whole.
/// </summary>
sealed record KnowledgeHeader
{
    public const int Size = 128;
    public const int MaxWidth = 1 << 16;
    public const int MaxClasses = 1 << 16;

    const int Version = 1;
    const int ChecksumAt = 124;

    static ReadOnlySpan<byte> Magic => "RETORTKB"u8;

    public required int Rows { get; init; }

    public required int Width { get; init; }

    public required int Classes { get; init; }

    public required KeyType KeyType { get; init; }

    /// <summary>Bytes of all texts; -1 where the rows have none.</summary>
    public required long TextBytes { get; init; }

    public required RetrievalSettings Settings { get; init; }

    /// <summary>SHA-256 of the student's weights file.</summary>
    public required string StudentHash { get; init; }

    /// <summary>CRC-32C of everything after the header.</summary>
    public uint BodyChecksum { get; init; }

    public int KeyBytes => KeyType switch { KeyType.Float32 => 4, KeyType.Float16 => 2, _ => 1 };

    public long ScalesAt => After(Size, (long)Rows * Width * KeyBytes);

    public long ValuesAt => After(ScalesAt, KeyType == KeyType.Int8 ? (long)Rows * sizeof(float) : 0);

    public long IdsAt => After(ValuesAt, (long)Rows * Classes * sizeof(float));

    public long OffsetsAt => After(IdsAt, (long)Rows * sizeof(long));

    public long TextsAt => After(OffsetsAt, TextBytes < 0 ? 0 : ((long)Rows + 1) * sizeof(long));

    /// <summary>Bytes of the whole file.</summary>
    public long Length => After(TextsAt, Math.Max(TextBytes, 0));

    static long After(long start, long bytes) => checked(start + bytes + 63 & ~63L);

    /// <summary>The header as it is in the file.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        Span<int> integers = [Version, Width, Classes, (int)KeyType, Rows, Settings.Neighbors];
        for (var i = 0; i < integers.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 + 4 * i), integers[i]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), TextBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(40), Settings.Weight);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(48), Settings.Temperature);
        Convert.FromHexString(StudentHash).CopyTo(bytes, 56);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(88), BodyChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Checksum.Of(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <summary>Reads the header of a file of this length.</summary>
    /// <exception cref="InvalidDataException">It is none, or the file has another length than it says.</exception>
    public static KnowledgeHeader Read(ReadOnlySpan<byte> bytes, long length, string path)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
            throw Error(path, "this is no knowledge base: its first bytes are not \"RETORTKB\" and a header");

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Checksum.Of(bytes[..ChecksumAt]))
            throw Error(path, "the header is damaged: its checksum differs");

        var version = Integer(bytes, 0);
        if (version != Version) throw Error(path, Invariant(
            $"the version must be {Version}; it is {version}; a newer Retort may read it"));

        var header = new KnowledgeHeader
        {
            Width = Integer(bytes, 1),
            Classes = Integer(bytes, 2),
            KeyType = (KeyType)Integer(bytes, 3),
            Rows = Integer(bytes, 4),
            TextBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Settings = new(
                Integer(bytes, 5), BinaryPrimitives.ReadDoubleLittleEndian(bytes[40..]),
                BinaryPrimitives.ReadDoubleLittleEndian(bytes[48..])),
            StudentHash = Convert.ToHexStringLower(bytes.Slice(56, 32)),
            BodyChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[88..]),
        };
        if (header.Defect is { } defect) throw Error(path, defect);
        if (header.Length != length) throw Error(path, Invariant(
            $"it must have {header.Length} bytes, as its header says; it has {length}"));
        return header;
    }

    static InvalidDataException Error(string path, string defect) => new($"{path}: {defect}.");

    static int Integer(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[(8 + 4 * index)..]);

    // small enough that no product of sizes overflows
    string? Defect =>
        Rows < 1 ? Invariant($"there must be at least one row; there are {Rows}")
        : Width is < 1 or > MaxWidth ? Invariant($"the width must be from 1 to {MaxWidth}; it is {Width}")
        : Classes is < 1 or > MaxClasses ? Invariant($"the classes must be from 1 to {MaxClasses}; it has {Classes}")
        : !Enum.IsDefined(KeyType) ? Invariant($"there is no key type {(int)KeyType}")
        : TextBytes is < -1 or > 1L << 48 ? Invariant($"the texts cannot have {TextBytes} bytes")
        : Settings.Defect;
}
