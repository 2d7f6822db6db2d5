using Google.Protobuf;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Teachers;

namespace Retort.Tests.Runtime;

public sealed class OnnxTests
{
    [Fact]
    public void A_graph_says_what_it_takes_and_gives()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"));
        Assert.Equal("pixels float [batch, 1, 6, 5]", Assert.Single(onnx.Inputs).ToString());
        Assert.Equal(["logits float [batch, 4]", "embedding float [batch, 3]", "stage float [batch, 3, 6, 5]"], onnx.Outputs.Select(output => output.ToString()));
        using var half = new OnnxModel(Tiny.At("tiny-half.onnx"));
        Assert.Equal(typeof(Half), half.Inputs[0].ElementType);
        Assert.Equal([-1, 1, 6, 5], half.Inputs[0].Shape);
    }

    [Fact]
    public void A_call_gives_what_PyTorch_gave_and_computes_what_is_asked_for()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"), threads: 2);
        using var call = onnx.Prepare([[5, 1, 6, 5]], "stage", "logits");
        Tiny.Numbers("pixels").CopyTo(call.Input<float>());
        call.Run();
        Assert.Equal([5, 3, 6, 5], call.Shape(0));
        Assert.Equal([5, 4], call.Shape(1));
        var expected = Tiny.Numbers("logits");
        var found = call.Output<float>(1);
        for (var i = 0; i < 20; i++) Assert.Equal(expected[i], found[i], tolerance: 1e-5);
    }

    [Fact]
    public void Nothing_is_allocated_by_a_call()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"));
        using var call = onnx.Prepare([[1, 1, 6, 5]], "logits");
        Ask(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ask(int times)
        {
            for (var i = 0; i < times; i++)
            {
                call.Input<float>()[0] = i;
                call.Run();
                if (float.IsNaN(call.Output<float>()[0])) throw new InvalidOperationException("NaN");
            }
        }
    }

    [Fact]
    public void Wrong_use_is_one_sentence()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"));
        Says<InvalidDataException>("has no output \"x\"; it has logits float [batch, 4]", () => onnx.Prepare([[1, 1, 6, 5]], "x"));
        Says<InvalidDataException>("takes pixels float [batch, 1, 6, 5]; [1, 3, 6, 5] came", () => onnx.Prepare([[1, 3, 6, 5]], "logits"));
        Says<InvalidDataException>("takes pixels float [batch, 1, 6, 5]; [0, 1, 6, 5] came", () => onnx.Prepare([[0, 1, 6, 5]], "logits"));
        Says<ArgumentException>("takes 1 inputs", () => onnx.Prepare([], "logits"));
        using var call = onnx.Prepare([[1, 1, 6, 5]], "logits");
        Says<InvalidOperationException>("has Single numbers; Int64 was asked for", () => call.Output<long>());
        Says<InvalidDataException>("is not there", () => Open("nowhere.onnx", 1));
        Says<ArgumentOutOfRangeException>("threads", () => Open("tiny.onnx", 0));

        static void Open(string name, int threads)
        {
            using var opened = new OnnxModel(Tiny.At(name), threads);
        }

        static void Says<T>(string sentence, Action act) where T : Exception => Assert.Contains(sentence, Assert.Throws<T>(act).Message, StringComparison.Ordinal);
    }

    [Fact] // a name that ends early for a library in C is not found again by it
    public void Metadata_under_a_name_with_a_zero_in_it_is_refused()
    {
        var path = Written(new TinyGraph("features", [2], new float[,] { { 1 }, { 1 } }, [0]) { Metadata = { ["a\0b"] = "x" } }.Bytes());
        Assert.Equal($"{path} is no ONNX model that can be run: what it says of itself cannot be read.", Assert.Throws<InvalidDataException>(() => { using var onnx = new OnnxModel(path); }).Message);
    }

    [Fact] // 2 · (2e9)⁸ numbers of 4 bytes: 2⁸ · 8 · 1e72 = 2.048e75
    public void A_shape_of_more_bytes_than_any_number_counts_is_refused()
    {
        const int Axes = 8, Long = 2_000_000_000;
        var model = Model(graph =>
        {
            graph.Input[0].Type.TensorType.Shape.Dim.Add(Enumerable.Range(0, Axes).Select(_ => new TensorShapeProto.Types.Dimension { DimParam = "free" }));
            graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } });
        });
        var path = Written(model.ToByteArray());
        using var onnx = new OnnxModel(path);
        Assert.StartsWith($"{path}, input x would take 2.048", Assert.Throws<InvalidDataException>(() => onnx.Prepare([[1, 2, .. Enumerable.Repeat((long)Long, Axes)]], "y")).Message, StringComparison.Ordinal);
    }

    [Fact] // [1, 2] spread to [40 000, 40 000, 2] float32 is 12.8 GB, in a file of some hundred bytes
    public void A_graph_that_asks_for_more_memory_than_may_be_taken_is_not_looked_into()
    {
        var model = Model(graph =>
        {
            graph.Initializer.Add(new TensorProto { Name = "sizes", DataType = (int)TensorProto.Types.DataType.Int64, Dims = { 3 }, Int64Data = { 40_000, 40_000, 2 } });
            graph.Node.Add(new NodeProto { OpType = "Expand", Input = { "x", "sizes" }, Output = { "y" } });
        });
        var path = Written(model.ToByteArray());
        Assert.StartsWith($"{path} cannot be run: ", Assert.Throws<InvalidDataException>(() => OnnxGraph.Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>From x [batch, 2] to y.</summary>
    static ModelProto Model(Action<GraphProto> change)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = 2 } } };
        var tensor = new TypeProto { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } };
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x", Type = tensor } } };
        change(graph);
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = new() { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float } } });
        return new() { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } }, Graph = graph };
    }

    static string Written(byte[] content)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-onnx-").FullName, "x.onnx");
        File.WriteAllBytes(path, content);
        return path;
    }

    [Fact] // in the graph, in a branch of a node, in a list of an attribute
    public void A_graph_that_is_opened_from_its_bytes_names_no_other_file()
    {
        foreach (var place in (int[])[0, 1, 2])
        {
            var far = new TensorProto
            {
                Name = "w", DataType = 1, Dims = { 1 }, DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { new StringStringEntryProto { Key = "offset", Value = "0" }, new StringStringEntryProto { Key = "location", Value = "secret.bin" } },
            };
            var graph = new GraphProto { Name = "g", Node = { new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } } } };
            if (place == 0) graph.Initializer.Add(far);
            else graph.Node[0].Attribute.Add(place == 1 ? new AttributeProto { Name = "branch", G = new() { Initializer = { far } } } : new AttributeProto { Name = "value", T = far });
            var bytes = new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray();
            Assert.Equal(("w", "secret.bin"), Assert.Single(OnnxExternalData.Of(new MemoryStream(bytes), "m.onnx")));
            Assert.Equal("m.onnx keeps w in another file (secret.bin): only models of one file are read.", Assert.Throws<InvalidDataException>(() => Opened(bytes)).Message);
            for (var cut = 1; cut < bytes.Length; cut++)
                if (Record.Exception(() => OnnxExternalData.Of(new MemoryStream(bytes[..cut]), "m.onnx")) is { } error) Assert.IsType<InvalidDataException>(error);
        }
        Assert.Empty(OnnxExternalData.Of(new MemoryStream(File.ReadAllBytes(Tiny.At("tiny.onnx"))), "tiny.onnx"));

        static void Opened(byte[] bytes)
        {
            using var onnx = new OnnxModel("m.onnx", bytes, threads: 1);
        }
    }
}
