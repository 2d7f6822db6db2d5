using System.Buffers.Binary;
using System.Text;

namespace Retort.Tests.Runtime;

/// <summary>
/// An ONNX file written field by field: logits = input · weights + bias, with pixels flattened first. Field numbers are
/// those of onnx.proto.
/// </summary>
sealed record TinyGraph(string Input, long[] Shape, float[,] Weights, float[] Bias)
{
    public string Output { get; init; } = "logits";

    /// <summary><c>metadata_props</c>.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    public byte[] Bytes()
    {
        var isImage = Shape.Length > 1;
        var graph = new Message().With(2, "student");
        if (isImage) graph.With(1, Node("Flatten", [Input], "flat"));
        graph
            .With(1, Node("MatMul", [isImage ? "flat" : Input, "weights"], "products"))
            .With(1, Node("Add", ["products", "bias"], Output))
            .With(5, Tensor("weights", [Weights.GetLength(0), Weights.GetLength(1)], [.. Weights.Cast<float>()]))
            .With(5, Tensor("bias", [Bias.Length], Bias))
            .With(11, ValueInfo(Input, Shape))
            .With(12, ValueInfo(Output, [Bias.Length]));

        var model = new Message().With(1, 8).With(8, new Message().With(1, "").With(2, 17)).With(7, graph);
        foreach (var (key, value) in Metadata) model.With(14, new Message().With(1, key).With(2, value));
        return model.Bytes;
    }

    static Message Node(string type, string[] inputs, string output)
    {
        var node = new Message();
        foreach (var input in inputs) node.With(1, input);
        return node.With(2, output).With(4, type);
    }

    static Message Tensor(string name, long[] shape, float[] values)
    {
        var tensor = new Message();
        foreach (var axis in shape) tensor.With(1, axis);
        var raw = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(4 * i), values[i]);
        return tensor.With(2, 1).With(8, name).With(9, raw);
    }

    static Message ValueInfo(string name, long[] shape)
    {
        var axes = new Message().With(1, new Message().With(2, "batch"));
        foreach (var axis in shape) axes.With(1, new Message().With(1, axis));
        return new Message().With(1, name).With(2, new Message().With(1, new Message().With(1, 1).With(2, axes)));
    }

    /// <summary>A protobuf message.</summary>
    sealed class Message
    {
        const int VarintType = 0;
        const int BytesType = 2;

        readonly List<byte> _bytes = [];

        public byte[] Bytes => [.. _bytes];

        public Message With(int field, long number) => AddTag(field, VarintType).AddVarint(number);

        public Message With(int field, string text) => With(field, Encoding.UTF8.GetBytes(text));

        public Message With(int field, Message message) => With(field, message.Bytes);

        public Message With(int field, byte[] content)
        {
            AddTag(field, BytesType).AddVarint(content.Length)._bytes.AddRange(content);
            return this;
        }

        Message AddTag(int field, int type) => AddVarint((field << 3) | type);

        Message AddVarint(long number)
        {
            for (var left = (ulong)number; ; left >>= 7)
            {
                _bytes.Add((byte)(left < 128 ? left : (left & 127) | 128));
                if (left < 128) return this;
            }
        }
    }
}
