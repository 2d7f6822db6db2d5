using System.Buffers.Binary;

namespace Retort.Fire.Damage;

/// <summary>Damage to a struct of Thrift's compact protocol, as Parquet's footer and page headers are.</summary>
static class ThriftDamage
{
    sealed class Node
    {
        public int Type { get; set; }
        public long Number { get; set; }
        public byte[] Bytes { get; set; } = [];
        public int ItemType { get; set; }
        public List<(int Id, Node Value)> Parts { get; set; } = [];        // of a struct by field, of a list all with 0
        public int Lie { get; set; }                                       // what the count is off by
    }

    // a graft can hold itself, and several such grow without end
    const int MostNodes = 100_000;
    const int MostBytes = 4_000_000;

    /// <summary>One to three changes of the struct that begins here; what follows it is left out.</summary>
    public static (byte[] Changed, int Length) Change(ReadOnlySpan<byte> bytes, Random random)
    {
        var at = 0;
        var root = new Node { Type = 12 };
        root.Parts = Struct(bytes, ref at);
        for (var i = random.Next(1, 4); i > 0; i--) Once(root, random);
        var into = new List<byte>();
        Write(root, into);
        return ([.. into], at);
    }

    static void Once(Node root, Random random)
    {
        var all = new List<(Node Parent, int At)>();
        Collect(root, all);
        if (all.Count == 0) return;
        var (parent, at) = random.Of(all);
        var (id, node) = parent.Parts[at];
        switch (random.Next(10))
        {
            case 0: parent.Parts.RemoveAt(at); break;
            case 1: random.Shuffled(parent.Parts); break;
            case 2: parent.Parts[at] = (random.Next(1, 16), node); break;
            case 3: node.Type = random.Next(1, 14); break;
            case 4: node.Lie = random.Next(2) == 0 ? random.Next(-3, 4) : int.MaxValue; break;
            case 5:
                parent.Parts[at] = (id, random.Of(all) is var from ? from.Parent.Parts[from.At].Value : node);
                break;
            default:
                if (node.Type == 8)
                    node.Bytes = random.Next(2) == 0 ? OddValues.Bytes(random) : ByteDamage.Change(node.Bytes, random);
                else if (node.Type is 1 or 2) node.Type = 3 - node.Type;
                else if (node.Type is 9 or 10) node.ItemType = random.Next(1, 13);
                else node.Number = random.Next(3) == 0 ? random.Next(0, 10) : OddValues.Number(random, node.Number);
                break;
        }
    }

    static void Collect(Node node, List<(Node, int)> into, int depth = 0)
    {
        if (depth > 30 || into.Count > MostNodes) return;
        for (var i = 0; i < node.Parts.Count; i++)
        {
            into.Add((node, i));
            Collect(node.Parts[i].Value, into, depth + 1);
        }
    }

    static List<(int, Node)> Struct(ReadOnlySpan<byte> bytes, ref int at)
    {
        var fields = new List<(int, Node)>();
        for (var last = 0; bytes[at++] is not 0 and var head;)
        {
            last = head >> 4 is > 0 and var step ? last + step : (int)Signed(bytes, ref at);
            fields.Add((last, Value(bytes, ref at, head & 15, inList: false)));
        }
        return fields;
    }

    static Node Value(ReadOnlySpan<byte> bytes, ref int at, int type, bool inList)
    {
        var node = new Node { Type = type };
        switch (type)
        {
            case 1 or 2: if (inList) node.Number = bytes[at++]; break;
            case 3: node.Number = bytes[at++]; break;
            case 4 or 5 or 6: node.Number = Signed(bytes, ref at); break;
            case 7: node.Number = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]); at += 8; break;
            case 8:
                var length = (int)Plain(bytes, ref at);
                node.Bytes = bytes.Slice(at, length).ToArray();
                at += length;
                break;
            case 9 or 10:
                var head = bytes[at++];
                node.ItemType = head & 15;
                for (var count = head >> 4 == 15 ? (int)Plain(bytes, ref at) : head >> 4; count > 0; count--)
                    node.Parts.Add((0, Value(bytes, ref at, node.ItemType, inList: true)));
                break;
            case 12: node.Parts = Struct(bytes, ref at); break;
            default: throw new InvalidDataException($"A sound file has a value of type {type}.");
        }
        return node;
    }

    static long Signed(ReadOnlySpan<byte> bytes, ref int at) =>
        Plain(bytes, ref at) is var raw ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;

    static ulong Plain(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
    }

    static void Write(Node node, List<byte> into, int depth = 0)
    {
        if (into.Count > MostBytes) return;
        switch (node.Type)
        {
            case 1 or 2: break;                                            // in a field's head; in a list its writer
            case 3: into.Add((byte)node.Number); break;
            case 4 or 5 or 6: Plain(unchecked((ulong)(node.Number << 1) ^ (ulong)(node.Number >> 63)), into); break;
            case 7: into.AddRange(BitConverter.GetBytes(node.Number)); break;
            case 8: Plain(unchecked((ulong)(node.Bytes.Length + node.Lie)), into); into.AddRange(node.Bytes); break;
            case 9 or 10 or 11:
                var count = node.Parts.Count + node.Lie;
                into.Add((byte)((count is >= 0 and < 15 ? count : 15) << 4 | node.ItemType));
                if (count is < 0 or >= 15) Plain(unchecked((ulong)count), into);
                foreach (var (_, item) in node.Parts)
                    if (node.ItemType is 1 or 2) into.Add((byte)item.Number);
                    else if (depth < 40) Write(item, into, depth + 1);
                break;
            default:
                var last = 0;
                foreach (var (id, field) in node.Parts)
                {
                    if (id - last is > 0 and < 16) into.Add((byte)((id - last) << 4 | field.Type));
                    else { into.Add((byte)field.Type); Plain(unchecked((ulong)(id << 1)), into); }
                    last = id;
                    if (depth < 40) Write(field, into, depth + 1);
                }
                into.Add(0);
                break;
        }
    }

    static void Plain(ulong value, List<byte> into)
    {
        for (; value >= 128; value >>= 7) into.Add((byte)(value | 128));
        into.Add((byte)value);
    }
}
