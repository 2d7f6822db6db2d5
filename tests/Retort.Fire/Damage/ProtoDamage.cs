using System.Text;

namespace Retort.Fire.Damage;

/// <summary>
/// Damage to a message of protocol buffers, such as an ONNX file: fields changed, lengths put right again.
/// </summary>
static class ProtoDamage
{
    static readonly string[] Words =
    [
        "Conv", "Gemm", "MatMul", "Reshape", "ConstantOfShape", "Range", "Expand", "Tile", "Pad", "Resize", "Loop",
        "If", "Concat", "Gather", "Slice", "Identity",
        "Constant", "RandomNormal", "Flatten", "MaxPool", "Transpose", "OneHot", "Add", "Upsample", "Unsqueeze", "LSTM",
        "NonZero", "com.microsoft", "ai.onnx.ml",
        "pads", "strides", "kernel_shape", "axis", "value", "transA", "group", "dilations", "location", "weights",
    ];

    sealed class Field
    {
        public int Number { get; set; }
        public int Wire { get; set; }
        public ulong Value { get; set; }
        public byte[] Bytes { get; set; } = [];
        public List<Field>? Inner { get; set; }
        public int Padding { get; set; }                                   // bytes that say nothing at a number's end
        public int Lie { get; set; }                                       // what the length is off by

        public Field Copy() => new()
        {
            Number = Number, Wire = Wire, Value = Value, Bytes = Bytes, Inner = Inner?.ConvertAll(one => one.Copy()),
            Padding = Padding, Lie = Lie,
        };
    }

    public static byte[] Change(byte[] whole, Random random)
    {
        if (Parsed(whole, 0) is not { Count: > 0 } root) return ByteDamage.Change(whole, random);
        for (var i = random.Next(1, 4); i > 0; i--) Once(root, random);
        return Written(root);
    }

    static void Once(List<Field> root, Random random)
    {
        var messages = new List<List<Field>>();
        Collect(root, messages);
        var message = random.Of(messages);
        if (message.Count == 0) return;
        var field = message[random.Next(message.Count)];
        switch (random.Next(16))
        {
            case 0: field.Number = random.Next(1, 30); break;
            case 1: field.Wire = random.Next(8); break;
            case 2: field.Padding = random.Next(1, 14); break;
            case 3: field.Lie = random.Next(2) == 0 ? random.Next(-8, 9) : int.MaxValue; break;
            case 4 or 5: random.Shuffled(message); break;
            case 6: var from = random.Of(messages); if (from.Count > 0) message.Add(random.Of(from).Copy()); break;
            case 7: for (var i = random.Next(1, 150); i > 0; i--) field = Within(field); message.Add(field); break;
            default: Changed(field, random); break;
        }
    }

    static Field Within(Field field) => new() { Number = field.Number, Wire = 2, Inner = [field] };

    static void Changed(Field field, Random random)
    {
        if (field.Wire != 2) field.Value = unchecked((ulong)OddValues.Number(random, (long)field.Value));
        else if (field.Inner is { Count: > 0 } inner && random.Next(4) != 0) Changed(random.Of(inner), random);
        else
        {
            field.Inner = null;
            field.Bytes = random.Next(4) switch
            {
                0 => OddValues.Bytes(random),
                1 when field.Bytes.Length > 0 => ByteDamage.Change(field.Bytes, random),
                // packed numbers
                2 => [.. Enumerable.Range(0, random.Next(1, 5))
                    .SelectMany(_ => Number(unchecked((ulong)OddValues.Number(random, 1)), 0))],
                _ => Encoding.UTF8.GetBytes(random.Of(Words)),
            };
        }
    }

    static void Collect(List<Field> message, List<List<Field>> into)
    {
        into.Add(message);
        foreach (var field in message)
            if (field.Inner is not null) Collect(field.Inner, into);
    }

    // a text may look like a message; written again it is the same text
    static List<Field>? Parsed(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<Field>();
        for (var at = 0; at < bytes.Length;)
        {
            if (Number(bytes, ref at) is not { } head || head >> 3 is 0 or > 30) return null;
            var field = new Field { Number = (int)(head >> 3), Wire = (int)(head & 7) };
            var size = field.Wire switch { 0 => 0, 1 => 8, 5 => 4, 2 => -1, _ => -2 };
            if (size == -2) return null;
            if (field.Wire == 0)
            {
                if (Number(bytes, ref at) is not { } value) return null;
                field.Value = value;
            }
            else
            {
                if (size < 0)
                {
                    if (Number(bytes, ref at) is not { } length || length > (ulong)(bytes.Length - at)) return null;
                    size = (int)length;
                }
                if (size > bytes.Length - at) return null;
                field.Bytes = bytes.Slice(at, size).ToArray();
                if (field.Wire != 2)
                    field.Value = field.Bytes
                        .Select((one, i) => (ulong)one << (8 * i))
                        .Aggregate(0UL, (sum, one) => sum | one);
                else if (depth < 12 && size is > 1 and < 100_000)
                    field.Inner = Parsed(field.Bytes, depth + 1);
                at += size;
            }
            fields.Add(field);
        }
        return fields;
    }

    static ulong? Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }
        return null;
    }

    static byte[] Written(List<Field> message)
    {
        var bytes = new List<byte>();
        foreach (var field in message)
        {
            bytes.AddRange(Number((ulong)field.Number << 3 | (uint)field.Wire, 0));
            if (field.Wire == 0) bytes.AddRange(Number(field.Value, field.Padding));
            else if (field.Wire is 1 or 5)
                bytes.AddRange(BitConverter.GetBytes(field.Value).Take(field.Wire == 1 ? 8 : 4));
            else if (field.Wire == 2)
            {
                var content = field.Inner is null ? field.Bytes : Written(field.Inner);
                bytes.AddRange(Number(unchecked((ulong)(content.Length + field.Lie)), field.Padding));
                bytes.AddRange(content);
            }
        }
        return [.. bytes];
    }

    static List<byte> Number(ulong value, int padding)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value >>= 7) bytes.Add((byte)(value | 128));
        bytes.Add((byte)(padding > 0 ? value | 128 : value));
        for (; padding > 0; padding--) bytes.Add((byte)(padding > 1 ? 128 : 0));
        return bytes;
    }
}
