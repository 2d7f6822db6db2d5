using System.Buffers.Binary;
using System.Text;

namespace Retort.Tests.Runtime;

/// <summary>
/// An ONNX file written field by field: logits = input · weights + bias, pixels flattened first. Numbers of fields as
/// in the format's onnx.proto.
/// </summary>
sealed record TinyGraph(string Input, long[] Shape, float[,] Weights, float[] Bias)
{
    public string Output { get; init; } = "logits";

    /// <summary><c>metadata_props</c>.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    public byte[] Bytes()
    {
        var pixels = Shape.Length > 1;
        var graph = new Message().With(2, "student");
        if (pixels) graph.With(1, Node("Flatten", [Input], "flat"));
        graph.With(1, Node("MatMul", [pixels ? "flat" : Input, "weights"], "products")).With(1, Node("Add", ["products", "bias"], Output));
        graph.With(5, Tensor("weights", [Weights.GetLength(0), Weights.GetLength(1)], [.. Weights.Cast<float>()]));
        graph.With(5, Tensor("bias", [Bias.Length], Bias)).With(11, Port(Input, Shape)).With(12, Port(Output, [Bias.Length]));
        var model = new Message().With(1, 8).With(8, new Message().With(1, "").With(2, 17)).With(7, graph);
        foreach (var (key, value) in Metadata) model.With(14, new Message().With(1, key).With(2, value));
        return model.Bytes;
    }

    static Message Node(string kind, string[] inputs, string output)
    {
        var node = new Message();
        foreach (var input in inputs) node.With(1, input);
        return node.With(2, output).With(4, kind);
    }

    static Message Tensor(string name, long[] shape, float[] values)
    {
        var tensor = new Message();
        foreach (var axis in shape) tensor.With(1, axis);
        var raw = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(4 * i), values[i]);
        return tensor.With(2, 1).With(8, name).With(9, raw);
    }

    static Message Port(string name, long[] shape)
    {
        var axes = new Message().With(1, new Message().With(2, "batch"));
        foreach (var axis in shape) axes.With(1, new Message().With(1, axis));
        return new Message().With(1, name).With(2, new Message().With(1, new Message().With(1, 1).With(2, axes)));
    }

    sealed class Message
    {
        readonly List<byte> _bytes = [];

        public byte[] Bytes => [.. _bytes];

        public Message With(int field, long number) => Tag(field, 0).Number(number);
        public Message With(int field, string text) => With(field, Encoding.UTF8.GetBytes(text));
        public Message With(int field, Message message) => With(field, message.Bytes);

        public Message With(int field, byte[] content)
        {
            Tag(field, 2).Number(content.Length)._bytes.AddRange(content);
            return this;
        }

        Message Tag(int field, int wire) => Number((field << 3) | wire);

        Message Number(long number)
        {
            for (var left = (ulong)number; ; left >>= 7)
            {
                _bytes.Add((byte)(left < 128 ? left : (left & 127) | 128));
                if (left < 128) return this;
            }
        }
    }
}
