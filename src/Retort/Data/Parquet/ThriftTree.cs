using System.Buffers.Binary;
using System.Text;

namespace Retort.Data.Parquet;

/// <summary>
/// A struct of Thrift's compact protocol as a tree, with every length held against the bytes that are there. Parquet
/// keeps its footer and page headers in it.
/// </summary>
sealed class ThriftTree
{
    const int Deepest = 24;

    /// <summary>Bytes that a value takes in memory at most, its text apart: an empty struct with its table.</summary>
    public const int PerValue = 200;

    readonly Dictionary<int, object> _fields = [];

    ThriftTree() { }

    /// <summary>Reads one struct at the start of these bytes; says how many it takes.</summary>
    /// <param name="bytes">What is read from.</param>
    /// <param name="most">The most values that are read; a byte of the file can be one.</param>
    /// <exception cref="InvalidDataException">What is wrong, without the file's name.</exception>
    public static (ThriftTree Tree, int Length) Read(ReadOnlySpan<byte> bytes, long most = 100_000)
    {
        var reader = new Reader(bytes, most);
        var tree = reader.Struct(0);
        return (tree, reader.At);
    }

    /// <summary>A whole number; null where the field is not there or is none.</summary>
    public long? Number(int field) => _fields.GetValueOrDefault(field) as long?;

    /// <summary>A struct; null where the field is not there or is none.</summary>
    public ThriftTree? Struct(int field) => _fields.GetValueOrDefault(field) as ThriftTree;

    /// <summary>A text; null where the field is not there or is none.</summary>
    public string? Text(int field) => _fields.GetValueOrDefault(field) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Fields and values: a number is long, sbyte or double, a truth value bool, bytes byte[], a list object[], a struct one of these.</summary>
    public IReadOnlyDictionary<int, object> Fields => _fields;

    /// <summary>The structs of a list; empty where there is none.</summary>
    public IEnumerable<ThriftTree> List(int field) => _fields.GetValueOrDefault(field) is object[] list ? list.OfType<ThriftTree>() : [];

    ref struct Reader(ReadOnlySpan<byte> bytes, long most)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;
        readonly long _most = most;
        long _count;

        public int At { get; private set; }

        public ThriftTree Struct(int depth)
        {
            if (depth > Deepest) throw new InvalidDataException($"structs lie in each other more than {Deepest} deep");
            var tree = new ThriftTree();
            for (var last = 0; ;)
            {
                var head = Byte();
                if (head == 0) return tree;
                last = head >> 4 is > 0 and var step ? last + step : checked((int)short.CreateTruncating(Signed()));
                var value = (head & 15) is 1 or 2 ? (head & 15) == 1 : Value(head & 15, depth);
                if (!tree._fields.TryAdd(last, value)) throw new InvalidDataException($"field {last} is there twice");
            }
        }

        object Value(int type, int depth) => ++_count > _most ? throw new InvalidDataException($"it has more than {_most} values") : type switch
        {
            1 or 2 => Byte() == 1,                                         // in a list a truth value takes a byte
            3 => (sbyte)Byte(),
            4 or 5 or 6 => Signed(),
            7 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
            8 => Take(Length()).ToArray(),
            9 or 10 => Items(depth),
            11 => Map(depth),
            12 => Struct(depth + 1),
            _ => throw new InvalidDataException($"a value of type {type}, which is none"),
        };

        object[] Items(int depth)
        {
            if (depth > Deepest) throw new InvalidDataException($"lists lie in each other more than {Deepest} deep");
            var head = Byte();
            var count = head >> 4 == 15 ? Length() : head >> 4;
            if (count > _bytes.Length - At) throw new InvalidDataException($"a list of {count} values in {_bytes.Length - At} bytes");
            var items = new object[count];
            for (var i = 0; i < count; i++) items[i] = Value(head & 15, depth + 1);
            return items;
        }

        object[] Map(int depth)
        {
            var count = Length();
            if (count == 0) return [];
            var types = Byte();
            if (count > (_bytes.Length - At) / 2) throw new InvalidDataException($"a map of {count} pairs in {_bytes.Length - At} bytes");
            var items = new object[2 * count];
            for (var i = 0; i < items.Length; i++) items[i] = Value(i % 2 == 0 ? types >> 4 : types & 15, depth + 1);
            return items;
        }

        int Length()
        {
            var length = Varint();
            return length <= (ulong)(_bytes.Length - At) ? (int)length
                : throw new InvalidDataException($"a length of {length} where {_bytes.Length - At} bytes are left");
        }

        long Signed() => Varint() is var raw ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;

        ulong Varint()
        {
            var value = 0UL;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Byte();
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80) return value;
            }
            throw new InvalidDataException("a number that goes on for more than ten bytes");
        }

        byte Byte() => At < _bytes.Length ? _bytes[At++] : throw new InvalidDataException($"it ends in the middle, after {_bytes.Length} bytes");

        ReadOnlySpan<byte> Take(int count)
        {
            if (count > _bytes.Length - At) throw new InvalidDataException($"it ends in the middle, after {_bytes.Length} bytes");
            At += count;
            return _bytes.Slice(At - count, count);
        }
    }
}
