using Google.Protobuf;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Teachers;
using DataType = Retort.Runtime.Wire.TensorProto.Types.DataType;
using Dimension = Retort.Runtime.Wire.TensorShapeProto.Types.Dimension;

namespace Retort.Tests.Runtime;

public sealed class OnnxTests
{
    [Fact]
    public void A_graph_lists_its_inputs_and_outputs()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"));
        Assert.Equal("pixels float [batch, 1, 6, 5]", Assert.Single(onnx.Inputs).ToString());
        Assert.Equal(
            ["logits float [batch, 4]", "embedding float [batch, 3]", "stage float [batch, 3, 6, 5]"],
            onnx.Outputs.Select(output => output.ToString()));
        using var half = new OnnxModel(Tiny.At("tiny-half.onnx"));
        Assert.Equal(typeof(Half), half.Inputs[0].ElementType);
        Assert.Equal([-1, 1, 6, 5], half.Inputs[0].Shape);
    }

    [Fact]
    public void A_call_gives_the_outputs_of_PyTorch_and_computes_only_the_wanted_ones()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"), threads: 2);
        using var call = onnx.Prepare([[5, 1, 6, 5]], "stage", "logits");
        Tiny.Numbers("pixels").CopyTo(call.Input<float>());
        call.Run();
        Assert.Equal([5, 3, 6, 5], call.Shape(0));
        Assert.Equal([5, 4], call.Shape(1));
        var expected = Tiny.Numbers("logits");
        var actual = call.Output<float>(1);
        for (var i = 0; i < 20; i++) Assert.Equal(expected[i], actual[i], tolerance: 1e-5);
    }

    [Fact]
    public void A_call_allocates_nothing()
    {
        using var onnx = new OnnxModel(Tiny.At("tiny.onnx"));
        using var call = onnx.Prepare([[1, 1, 6, 5]], "logits");
        RunTimes(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        RunTimes(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RunTimes(int count)
        {
            for (var i = 0; i < count; i++)
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
        AssertThrows<InvalidDataException>(
            "has no output \"x\"; it has logits float [batch, 4]", () => onnx.Prepare([[1, 1, 6, 5]], "x"));
        AssertThrows<InvalidDataException>(
            "takes pixels float [batch, 1, 6, 5]; [1, 3, 6, 5] came", () => onnx.Prepare([[1, 3, 6, 5]], "logits"));
        AssertThrows<InvalidDataException>(
            "takes pixels float [batch, 1, 6, 5]; [0, 1, 6, 5] came", () => onnx.Prepare([[0, 1, 6, 5]], "logits"));
        AssertThrows<ArgumentException>("takes 1 inputs", () => onnx.Prepare([], "logits"));
        using var call = onnx.Prepare([[1, 1, 6, 5]], "logits");
        AssertThrows<InvalidOperationException>(
            "has Single elements; they cannot be used as Int64", () => call.Output<long>());
        AssertThrows<InvalidDataException>("is not there", () => Open("nowhere.onnx", 1));
        AssertThrows<ArgumentOutOfRangeException>("threads", () => Open("tiny.onnx", 0));

        static void Open(string name, int threads)
        {
            using var opened = new OnnxModel(Tiny.At(name), threads);
        }

        static void AssertThrows<T>(string sentence, Action action) where T : Exception =>
            Assert.Contains(sentence, Assert.Throws<T>(action).Message, StringComparison.Ordinal);
    }

    [Fact] // for a C library the key ends at the zero, and it is not found again
    public void A_metadata_key_with_a_zero_in_it_is_refused()
    {
        var graph = new TinyGraph("features", [2], new float[,] { { 1 }, { 1 } }, [0])
        {
            Metadata = { ["a\0b"] = "x" },
        };
        var path = Save(graph.Bytes());
        Assert.Equal(
            $"{path} is no ONNX model that can be run: its description of itself cannot be read.",
            Assert.Throws<InvalidDataException>(() => Open(path)).Message);

        static void Open(string path)
        {
            using var onnx = new OnnxModel(path);
        }
    }

    [Fact] // 2 · (2e9)⁸ elements of 4 bytes: 2⁸ · 8 · 1e72 = 2.048e75
    public void A_shape_of_more_bytes_than_a_64_bit_number_counts_is_refused()
    {
        const int Axes = 8;
        const long Long = 2_000_000_000;
        var model = Model(graph =>
        {
            var shape = graph.Input[0].Type.TensorType.Shape;
            shape.Dim.Add(Enumerable.Range(0, Axes).Select(_ => new Dimension { DimParam = "free" }));
            graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } });
        });
        var path = Save(model.ToByteArray());
        using var onnx = new OnnxModel(path);
        var error = Assert.Throws<InvalidDataException>(
            () => onnx.Prepare([[1, 2, .. Enumerable.Repeat(Long, Axes)]], "y"));
        Assert.StartsWith($"{path}, input x would take 2.048", error.Message, StringComparison.Ordinal);
    }

    [Fact] // [1, 2] expanded to [40 000, 40 000, 2] float32 is 12.8 GB, in a file of some hundred bytes
    public void A_graph_that_needs_more_memory_than_allowed_is_not_inspected()
    {
        var model = Model(graph =>
        {
            graph.Initializer.Add(new TensorProto
            {
                Name = "sizes",
                DataType = (int)DataType.Int64,
                Dims = { 3 },
                Int64Data = { 40_000, 40_000, 2 },
            });
            graph.Node.Add(new NodeProto { OpType = "Expand", Input = { "x", "sizes" }, Output = { "y" } });
        });
        var path = Save(model.ToByteArray());
        var error = Assert.Throws<InvalidDataException>(() => OnnxGraph.Read(path));
        Assert.StartsWith($"{path} cannot be run: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("initializer")]
    [InlineData("branch of a node")]
    [InlineData("attribute")]
    public void A_graph_that_is_opened_from_bytes_names_no_other_file(string place)
    {
        var bytes = WithExternalTensor(place);
        Assert.Equal(
            ("w", "secret.bin"), Assert.Single(OnnxExternalData.Of(new MemoryStream(bytes), "m.onnx")));
        Assert.Equal(
            "m.onnx keeps w in another file (secret.bin): only models of one file are read.",
            Assert.Throws<InvalidDataException>(() => Open(bytes)).Message);
        for (var length = 1; length < bytes.Length; length++)
        {
            var error = Record.Exception(() => OnnxExternalData.Of(new MemoryStream(bytes[..length]), "m.onnx"));
            if (error is not null) Assert.IsType<InvalidDataException>(error);
        }
        var sound = new MemoryStream(File.ReadAllBytes(Tiny.At("tiny.onnx")));
        Assert.Empty(OnnxExternalData.Of(sound, "tiny.onnx"));

        static void Open(byte[] bytes)
        {
            using var onnx = new OnnxModel("m.onnx", bytes, threads: 1);
        }
    }

    static byte[] WithExternalTensor(string place)
    {
        var tensor = new TensorProto
        {
            Name = "w",
            DataType = 1,
            Dims = { 1 },
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData =
            {
                new StringStringEntryProto { Key = "offset", Value = "0" },
                new StringStringEntryProto { Key = "location", Value = "secret.bin" },
            },
        };
        var node = new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } };
        var graph = new GraphProto { Name = "g", Node = { node } };
        switch (place)
        {
            case "initializer":
                graph.Initializer.Add(tensor);
                break;

            case "branch of a node":
                node.Attribute.Add(new AttributeProto { Name = "branch", G = new() { Initializer = { tensor } } });
                break;

            default:
                node.Attribute.Add(new AttributeProto { Name = "value", T = tensor });
                break;
        }
        return new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray();
    }

    /// <summary>A model from x [batch, 2] to y.</summary>
    static ModelProto Model(Action<GraphProto> change)
    {
        var shape = new TensorShapeProto
        {
            Dim = { new Dimension { DimParam = "batch" }, new Dimension { DimValue = 2 } },
        };
        var input = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float, Shape = shape } };
        var output = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } };
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x", Type = input } } };
        change(graph);
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = output });
        return new()
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = graph,
        };
    }

    static string Save(byte[] content)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("retort-onnx-").FullName, "x.onnx");
        File.WriteAllBytes(path, content);
        return path;
    }
}
