using Retort.Data;
using Retort.Export;
using Retort.Runtime.Wire;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Tests.Export;

/// <summary>Graphs in integers and in half precision against the graph they are made from.</summary>
public sealed class SmallerGraphTests
{
    static readonly Dataset Data = new ToyOptions { Examples = 32 }.Open();

    public static TheoryData<string> Families =>
    [
        """{ "name": "mlp" }""",
        """{ "name": "lenet" }""",
        """{ "name": "convnet", "widths": [4, 8], "downsampling": "averagePool", "hidden": [6] }""",
        """{ "name": "resnet", "depth": 8 }""",
        """{ "name": "wide-resnet", "depth": 10, "widening": 1 }""",
        """{ "name": "mobilenet-v2", "width": 0.25 }""",
        """{ "name": "torchvision-resnet", "depth": 18 }""",
        """{ "name": "vit", "patchSize": 7, "layers": 2 }""",
        """{ "name": "torchvision-mobilenet-v2", "width": 0.25 }""",
        """{ "name": "torchvision-mobilenet-v3", "size": "small" }""",
    ];

    // 8 bits: each number within 1/510 of its place's range; a few layers let a tenth of the
    // logits' spread through at most
    [Theory, MemberData(nameof(Families))]
    public void In_int8_a_family_has_nearly_the_same_outputs(string recipe)
    {
        using var scope = torch.NewDisposeScope();
        using var network = OnnxExporterTests.Filled(recipe, Data.Info);
        var model = OnnxExporter.Model(network, Data.Info, Output.Logits);
        var (full, small) = (Logits(model), Logits(Variants.Int8(model, Data)));
        Assert.InRange(Relative(full, small), 1e-5, 0.1);
    }

    [Fact] // on a processor with AMX it ended the process: see SignalStack
    public void A_null_reference_after_8_bit_products_is_an_exception()
    {
        using var scope = torch.NewDisposeScope();
        using var network = OnnxExporterTests.Filled("""{ "name": "mlp", "hidden": [64, 64] }""", Data.Info);
        var model = Variants.Int8(OnnxExporter.Model(network, Data.Info, Output.Logits), Data);
        Exception? caught = null;
        var thread = new Thread(() => caught = Record.Exception(() => Logits(model).ToString() + Nothing()));
        thread.Start();
        thread.Join();
        Assert.IsType<NullReferenceException>(caught);

        static string Nothing() => ((object)null!).ToString()!;
    }

    [Theory, MemberData(nameof(Families))] // 11 bits of mantissa
    public void In_float16_a_family_has_nearly_the_same_outputs(string recipe)
    {
        using var scope = torch.NewDisposeScope();
        using var network = OnnxExporterTests.Filled(recipe, Data.Info);
        var model = OnnxExporter.Model(network, Data.Info, Output.Logits);
        var half = HalfPrecision.Of(model);
        Assert.InRange(Relative(Logits(model), Logits(half)), 1e-6, 0.01);
        Assert.All(half.Graph.Initializer, weight => Assert.Equal(Element.Float16, (Element)weight.DataType));
        Assert.All(
            half.Graph.Input.Concat(half.Graph.Output),
            port => Assert.Equal((int)Element.Float, port.Type.TensorType.ElemType));
    }

    // 900 rows of small numbers, then 100 of large ones: ranges of the first 512 alone would cut the large ones off
    [Fact]
    public void Ranges_are_those_of_the_whole_training_part_however_it_is_sorted()
    {
        using var scope = torch.NewDisposeScope();
        var path = Path.Combine(Contract.Few.Folder(), "sorted.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 1000).Select(i => FormattableString.Invariant(
            $"{(i < 900 ? i % 10 : 5000 + i % 10)},{i % 7},{(i < 900 ? "small" : "large")}")));
        var data =
            new CsvOptions { Path = path, Test = 10, Validation = 10, Normalization = new(1, [0, 0], [1, 1]) }.Open();
        using var network = OnnxExporterTests.Filled("""{ "name": "mlp", "hidden": [8] }""", data.Info);
        var model = OnnxExporter.Model(network, data.Info, Output.Logits);
        using var full = new ExportedGraph(OnnxComparison.File(model), null, data.Info);
        using var small = new ExportedGraph(OnnxComparison.File(Variants.Int8(model, data)), null, data.Info);
        int[] last = [.. Enumerable.Range(data.Training.Count - 20, 20)];
        var expected = full.Run(data.Training, last).Output<float>().ToArray();
        var actual = small.Run(data.Training, last).Output<float>().ToArray();
        Assert.InRange(Relative(expected, actual, around: 0), 0, 0.05);
    }

    [Theory] // scale = (high - low) / 255 with 0 inside, zero = -low / scale
    [InlineData(-1, 1.55f, 0.01f, 100)]
    [InlineData(0, 2.55f, 0.01f, 0)]
    [InlineData(0.5f, 2.55f, 0.01f, 0)]
    [InlineData(-2.55f, -1, 0.01f, 255)]
    [InlineData(0, 0, 1, 0)]
    public void The_places_of_a_range_by_hand(float low, float high, float scale, int zero)
    {
        var places = new Quantization.Bounds(low, high).ScaleAndZero;
        Assert.Equal(scale, places.Scale, tolerance: 1e-6);
        Assert.Equal(zero, places.Zero);
    }

    [Fact] // rows [1, -2] and [0.5, 0]: scales 2/127 and 0.5/127; 1 / (2/127) = 63.5 → 64, to even
    public void Weights_have_a_symmetric_scale_a_channel_and_biases_that_of_their_products()
    {
        var model = Linear([1, -2, 0.5f, 0], [0.3f, -0.1f]);
        var small = Quantization.Of(model, new Dictionary<string, Quantization.Bounds> { ["x"] = new(0, 2.55f) }).Graph;
        var weight = small.Initializer.Single(one => one.Name == "fc.weight");
        Assert.Equal([64, -127, 127, 0], weight.RawData.Select(number => (int)(sbyte)number));
        Assert.Equal(Element.Int8, (Element)weight.DataType);
        Assert.Equal([2 / 127f, 0.5f / 127], Constant(small, "fc.weight.scale"));
        var bias = small.Initializer.Single(one => one.Name == "fc.bias");
        Assert.Equal(Element.Int32, (Element)bias.DataType);
        // 0.3 / (0.01 · 2 / 127) = 1,905; -0.1 / (0.01 · 0.5 / 127) = -2,540
        Assert.Equal(
            [1905, -2540], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bias.RawData.Span).ToArray());
        // logits stay as they are
        Assert.Equal(
            ["QuantizeLinear", "Gemm"],
            small.Node.Where(node => node.OpType is "QuantizeLinear" or "Gemm").Select(node => node.OpType));
    }

    [Fact]
    public void A_weight_beyond_float16_is_refused_by_name() =>
        Assert.Equal("The network cannot be written in float16, which ends at 65504: fc.weight holds 70000.",
            Assert.Throws<NotSupportedException>(() => HalfPrecision.Of(Linear([1, 2, 70_000, 4], [0, 0]))).Message);

    static float[] Logits(ModelProto model)
    {
        using var asked = new ExportedGraph(OnnxComparison.File(model), null, Data.Info);
        return asked.Run(Data.Test, [.. Enumerable.Range(0, 16)]).Output<float>().ToArray();
    }

    // root of the mean squared difference, against the logits' own spread
    static double Relative(float[] expected, float[] actual, double? around = null)
    {
        var mean = around ?? expected.Average(number => (double)number);
        return Math.Sqrt(
            expected.Zip(actual, (a, b) => Math.Pow(a - (double)b, 2)).Sum()
            / expected.Sum(number => Math.Pow(number - mean, 2)));
    }

    static float[] Constant(GraphProto graph, string name) =>
        GraphWiring.Read(graph.Node.Single(node => node.Name == name).Attribute[0].T);

    static ModelProto Linear(float[] weight, float[] bias)
    {
        var draft = new GraphDraft("linear", "batch");
        draft.Reserve("logits");
        draft.Input(TensorSpec.Features(2) with { Name = "x" });
        draft.Graph.Initializer.Add(GraphWiring.Floats("fc.weight", [2, 2], weight));
        draft.Graph.Initializer.Add(GraphWiring.Floats("fc.bias", [2], bias));
        draft.Output(
            draft.Node("Gemm", ["x", "fc.weight", "fc.bias"], ("transB", 1L)), "logits", OnnxComparison.Batched(2));
        return new() { IrVersion = 8, Graph = draft.Graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
    }
}
