using Google.Protobuf;
using Retort.Export;
using Retort.Runtime.Wire;
using Retort.Tests.Contract;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Tests.Teachers;

/// <summary>
/// A teacher of token ids as an ONNX file, small enough to compute by hand. hidden: row id of a table is (id, 1).
/// attentions: softmax over the real tokens of id_i · id_j + 1, one head. logits: the mean hidden state of the real
/// tokens, so (mean id, 1).
/// </summary>
static class TokenTeacher
{
    public const int MaxLength = 6;

    /// <summary>Two classes; ids and mask of 1 to 6 tokens, ids from 0 to 4.</summary>
    public static DatasetInfo Info { get; } = new()
    {
        Classes = ["mean", "one"],
        Inputs = [TensorSpec.Tokens("input_ids", MaxLength), TensorSpec.Tokens("attention_mask", MaxLength)],
    };

    /// <summary>The file's path.</summary>
    /// <param name="names">The graph's names of ids and mask.</param>
    /// <param name="batch">A fixed batch size; free unless given.</param>
    /// <param name="length">A fixed sequence; free unless given.</param>
    public static string File((string Ids, string Mask)? names = null, long? batch = null, long? length = null)
    {
        var (ids, mask) = names ?? ("input_ids", "attention_mask");
        var graph = new GraphProto
        {
            Name = "tokens",
            Node =
            {
                Node("Gather", ["table", ids], "hidden"),
                Node("Cast", [mask], "weights", ("to", (long)Element.Float)),
                Node("Unsqueeze", ["weights", "last"], "column"),
                Node("Mul", ["hidden", "column"], "kept"),
                Node("ReduceSum", ["kept", "first"], "sum", ("keepdims", 0L)),
                Node("ReduceSum", ["weights", "first"], "count", ("keepdims", 1L)),
                Node("Div", ["sum", "count"], "logits"),
                Node("Transpose", ["hidden"], "columns", ("perm", new[] { 0L, 2, 1 })),
                Node("MatMul", ["hidden", "columns"], "products"),
                Node("Cast", [mask], "real", ("to", (long)Element.Bool)),
                Node("Unsqueeze", ["real", "first"], "row"),
                Node("Where", ["row", "products", "never"], "scores"),
                Node("Softmax", ["scores"], "probabilities", ("axis", -1L)),
                Node("Unsqueeze", ["probabilities", "first"], "attention"),
            },
            Initializer =
            {
                GraphWiring.Floats("table", [5, 2], [0, 1, 1, 1, 2, 1, 3, 1, 4, 1]),
                GraphWiring.Floats("never", [], [-1e9f]), Axes("first", 1), Axes("last", -1),
            },
            Input = { Port(ids, Element.Int64, batch, length), Port(mask, Element.Int64, batch, length) },
            Output =
            {
                Port("logits", Element.Float, batch, 2), Port("hidden", Element.Float, batch, length, 2),
                Port("attention", Element.Float, batch, 1, length, length),
            },
        };
        var path = Path.Combine(Few.Folder(), "tokens.onnx");
        System.IO.File.WriteAllBytes(path, new ModelProto
        {
            IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        }.ToByteArray());
        return path;
    }

    /// <summary>
    /// A batch of these ids, padded to the longest or to <paramref name="length"/>; the padding is id 4.
    /// </summary>
    public static Batch Batch(long[][] rows, int? length = null)
    {
        var padded = length ?? rows.Max(row => row.Length);
        var (ids, mask) = (new long[rows.Length * padded], new long[rows.Length * padded]);
        Array.Fill(ids, 4);
        foreach (var (i, row) in rows.Index())
        {
            row.CopyTo(ids, i * padded);
            Array.Fill(mask, 1, i * padded, row.Length);
        }
        return new()
        {
            Inputs = new(
                ("input_ids", ids.ToTensor(rows.Length, padded)),
                ("attention_mask", mask.ToTensor(rows.Length, padded))),
            Labels = torch.zeros(rows.Length, dtype: torch.ScalarType.Int64), Labelled = rows.Length,
            Ids = [.. Enumerable.Range(0, rows.Length)],
        };
    }

    static NodeProto Node(string op, string[] inputs, string output, params (string Key, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = output, Input = { inputs }, Output = { output } };
        foreach (var (key, value) in attributes) node.Attribute.Add(GraphWiring.Attribute(key, value));
        return node;
    }

    static TensorProto Axes(string name, long axis)
    {
        var axes = GraphWiring.Longs([axis]);
        axes.Name = name;
        return axes;
    }

    static ValueInfoProto Port(string name, Element type, params ReadOnlySpan<long?> sizes)
    {
        var shape = new TensorShapeProto();
        foreach (var size in sizes)
        {
            var axis = new TensorShapeProto.Types.Dimension();
            if (size is { } length) axis.DimValue = length;
            else axis.DimParam = shape.Dim.Count == 0 ? "batch" : "sequence";
            shape.Dim.Add(axis);
        }
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }
}
