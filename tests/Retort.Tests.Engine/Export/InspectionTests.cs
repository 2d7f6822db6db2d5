using System.Text.Json.Nodes;
using Google.Protobuf;
using Retort.Export;
using Retort.Runs;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Contract;
using Retort.Tests.Models;

namespace Retort.Tests.Export;

/// <summary>Counts on files against counts by hand, and against those of the recorded forward.</summary>
public sealed class InspectionTests
{
    // as in CostTests: 61,706 parameters, 416,520 multiply-adds, 9,408 live numbers at the
    // first ReLU, which the graph has
    // before the pooling whatever the network has
    [Fact]
    public void LeNet_as_a_graph_as_counted_by_hand()
    {
        using var scope = torch.NewDisposeScope();
        var found = Inspection.Of(OnnxComparison.File(Model("""{ "name": "lenet" }""", [1, 28, 28], 10)));
        Assert.Equal(("ONNX graph, opset 17, written by retort " + OnnxExporter.Version, 61_706L, 416_520L, 4 * 9_408L),
            (found.Kind, found.Parameters, found.MultiplyAdds, found.ActivationBytes));
        Assert.Equal(["pixel_values float [batch, 1, 28, 28]"], found.Inputs);
        Assert.Equal(["logits float [batch, 10]"], found.Outputs);
        Assert.Empty(found.NotCounted);
        // 1·25·6+6 = 156; 6·28·28·25 = 117,600
        Assert.Equal(
            "conv1 Conv [1, 6, 28, 28] 156 117600", Line(found.Layers.First(layer => layer.Operator == "Conv")));
        // 84·10+10 = 850; 840
        Assert.Equal("fc3 Gemm [1, 10] 850 840", Line(found.Layers[^1]));
    }

    // x [1, 2, 4] · constant [4, 3] → [1, 2, 3]: 6 results of 4 products; added to a [3] bias; 12 + 3 parameters
    // live: 8 + 6 numbers at the product, 6 + 6 at the sum
    [Fact]
    public void A_product_and_a_sum_as_counted_by_hand()
    {
        var model = Minimal("x", [2, 4], new NodeProto { OpType = "MatMul", Input = { "x", "w" }, Output = { "xw" } },
            new NodeProto { OpType = "Add", Name = "bias", Input = { "xw", "b" }, Output = { "y" } });
        model.Graph.Initializer.Add(GraphWiring.Floats("w", [4, 3], new float[12]));
        model.Graph.Initializer.Add(GraphWiring.Floats("b", [3], new float[3]));
        var found = Inspection.Of(OnnxComparison.File(model));
        Assert.Equal((15L, 24L, 4 * 14L), (found.Parameters, found.MultiplyAdds, found.ActivationBytes));
        Assert.Equal(["xw MatMul [1, 2, 3] 12 24", "bias Add [1, 2, 3] 3 0"], found.Layers.Select(Line));
    }

    [Theory]
    [InlineData("""{ "name": "mlp" }""", 28)]
    [InlineData("""{ "name": "convnet", "norm": "none", "downsampling": "stride" }""", 28)]
    [InlineData("""{ "name": "convnet", "norm": "none", "downsampling": "averagePool", "hidden": [12] }""", 28)]
    public void Without_norms_graph_network_and_recorded_forward_count_the_same(string recipe, int side)
    {
        using var scope = torch.NewDisposeScope();
        var info = Golden.Info([1, side, side], 4);                        // nothing in front of the network
        using var network = OnnxExporterTests.Filled(recipe, info);
        var x = torch.zeros(1, 1, side, side);
        var cost = Cost.Of(network, [x], () => [network.Forward(new(("pixel_values", x)), Output.Logits).Logits]);
        var found = Inspection.Of(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)));
        Assert.Equal(
            (cost.Parameters, cost.MultiplyAdds, cost.ActivationBytes),
            (found.Parameters, found.MultiplyAdds!.Value, found.ActivationBytes!.Value));
    }

    [Theory] // a folded norm leaves one bias a channel where it had two numbers and the convolution none
    [InlineData("""{ "name": "resnet", "depth": 8 }""")]
    [InlineData("""{ "name": "mobilenet-v2", "width": 0.25 }""")]
    public void Folded_norms_change_no_multiply_add_and_no_peak(string recipe)
    {
        using var scope = torch.NewDisposeScope();
        var info = OnnxExporterTests.Info([3, 32, 32]);
        using var network = OnnxExporterTests.Filled(recipe, info);
        var x = torch.zeros(1, 3, 32, 32);
        var cost = Cost.Of(network, [x], () => [network.Forward(new(("pixel_values", x)), Output.Logits).Logits]);
        var found = Inspection.Of(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)));
        Assert.Equal(
            (cost.MultiplyAdds, cost.ActivationBytes), (found.MultiplyAdds!.Value, found.ActivationBytes!.Value));
        var scales = network.named_parameters()
            .Where(one => one.parameter.dim() == 1 && one.name.EndsWith("weight", StringComparison.Ordinal))
            .Sum(one => one.parameter.numel());
        Assert.Equal(cost.Parameters - scales, found.Parameters);
    }

    [Fact] // LeNet's counts for one, though the graph says sixteen
    public void A_graph_with_a_fixed_batch_is_counted_for_one_example()
    {
        var model = Model("""{ "name": "lenet" }""", [1, 28, 28], 10);
        foreach (var port in model.Graph.Input.Concat(model.Graph.Output))
            port.Type.TensorType.Shape.Dim[0] = new() { DimValue = 16 };
        var found = Inspection.Of(OnnxComparison.File(model));
        Assert.Equal(
            (61_706L, 416_520L, 4 * 9_408L, true),
            (found.Parameters, found.MultiplyAdds, found.ActivationBytes, found.IsForOneExample));
        Assert.Equal("pixel_values float [16, 1, 28, 28]", Assert.Single(found.Inputs));
        Assert.Equal([1L, 10], found.Layers[^1].Shape);
    }

    [Fact] // x [4, 2] laid out as [2, 4], times [4, 3]: 6 results of 4 products, for all four examples together
    public async Task A_graph_with_a_fixed_batch_is_counted_per_call()
    {
        var model = Minimal(
            "x", [2], GraphWiring.Constant("shape", GraphWiring.Longs([2, 4])),
            new NodeProto { OpType = "Reshape", Input = { "x", "shape" }, Output = { "laid" } },
            new NodeProto { OpType = "MatMul", Input = { "laid", "w" }, Output = { "y" } });
        model.Graph.Initializer.Add(GraphWiring.Floats("w", [4, 3], new float[12]));
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new() { DimValue = 4 };
        model.Graph.Output[0].Type.TensorType.Shape.Dim[0] = new() { DimValue = 2 };
        var path = OnnxComparison.File(model);
        Assert.Equal((24L, false), (Inspection.Of(path).MultiplyAdds, Inspection.Of(path).IsForOneExample));
        Assert.Contains(
            "12 parameters; one call with all its examples: 24 multiply-adds, ",
            (await Cli.ToolTests.Call("inspect", path)).Output,
            StringComparison.Ordinal);
    }

    [Fact] // forty sums of a value with itself: 2⁴⁰ ways lead back to the one weight
    public void A_value_that_is_read_twice_by_each_node_is_looked_into_once()
    {
        var model = Minimal("x", [3],
        [
            .. Enumerable.Range(0, 40)
                .Select(i => new NodeProto { OpType = "Add", Input = { $"w{i}", $"w{i}" }, Output = { $"w{i + 1}" } }),
            new NodeProto { OpType = "Mul", Input = { "x", "w40" }, Output = { "y" } },
        ]);
        model.Graph.Initializer.Add(GraphWiring.Floats("w0", [3], [0, 0, 0]));
        Assert.Equal((3L, 3L), (
            Inspection.Of(OnnxComparison.File(model)).Parameters,
            Inspection.Of(OnnxComparison.File(model)).Layers.Sum(layer => layer.Parameters)));
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        var folder = Few.Folder();
        string Written(string name, byte[] bytes)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllBytes(path, bytes);
            return path;
        }
        string Refusal(string path) => Assert.Throws<InvalidDataException>(() => Inspection.Of(path)).Message;

        var text = Written("notes.onnx", "These are notes, not a model at all."u8.ToArray());
        Assert.Equal(
            $"{text} is no model: it is neither an ONNX graph nor a file of weights (safetensors, .pth).",
            Refusal(text));
        var whole = Model("""{ "name": "mlp" }""", [1, 4, 4], 3).ToByteArray();
        var cut = Written("cut.onnx", whole[..^7]);
        Assert.Equal($"{cut} is no ONNX model: its bytes are not those of such a file.", Refusal(cut));
        var bare = Written("bare.onnx", new ModelProto
        {
            IrVersion = 8,
            ProducerName = "somebody",
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        }.ToByteArray());
        Assert.Equal($"{bare} is no ONNX model: it has no graph.", Refusal(bare));
        var unknown = Written(
            "unknown.onnx",
            Minimal("x", [2], new NodeProto { OpType = "Nonsense", Input = { "x" }, Output = { "y" } }).ToByteArray());
        Assert.StartsWith($"{unknown} is no ONNX model that can be run: ", Refusal(unknown), StringComparison.Ordinal);
        var far = Minimal("x", [2], new NodeProto { OpType = "Add", Input = { "x", "w" }, Output = { "y" } });
        far.Graph.Initializer.Add(new TensorProto
        {
            Name = "w",
            Dims = { 2 },
            DataType = 1,
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = "../w.bin" } },
        });
        Assert.Equal(
            $"{Written("far.onnx", far.ToByteArray())} keeps w in another file (../w.bin): only models of one file are "
            + "read.",
            Refusal(Path.Combine(folder, "far.onnx")));
        Assert.Equal(
            $"{folder} holds no model: it has neither a model.onnx nor a network's config.json.", Refusal(folder));
        Assert.Equal("nothing-here: there is no such file or folder.", Refusal("nothing-here"));
    }

    [Fact]
    public async Task The_command_prints_a_table_or_json_and_takes_open_shapes()
    {
        var model = Minimal(
            "tokens", [], new NodeProto { OpType = "Relu", Name = "act", Input = { "tokens" }, Output = { "y" } });
        foreach (var port in model.Graph.Input.Concat(model.Graph.Output))
            port.Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "length" });
        var path = OnnxComparison.File(model);
        Assert.Equal(
            $"{path} takes tokens float [batch, length], and more than its first axis is open: say its shape with "
            + "--input tokens=1,16.\n",
            (await Cli.ToolTests.Call("inspect", path)).Error);
        var (code, output, error) = await Cli.ToolTests.Call("inspect", path, "--input", "tokens=1,5");
        Assert.Equal((0, "", $"""
            layer  operator  result  parameters  multiply-adds
            act    Relu      [1, 5]           0              0

            {path}: ONNX graph, opset 17, {new FileInfo(path).Length} bytes
            in    tokens float [batch, length]
            out   y float [batch, length]
            0 parameters; one example: 0 multiply-adds, 40 bytes of activations at the peak

            """), (code, error, output));
        var json = JsonNode.Parse(
            (await Cli.ToolTests.Call("inspect", path, "--input", "tokens=1,5", "--json")).Output)!;
        Assert.Equal("[1,5]", json["layers"]![0]!["shape"]!.ToJsonString());
        Assert.Equal(
            "retort inspect: --input must be a name and sizes, such as tokens=1,128; it is \"tokens\".\n",
            (await Cli.ToolTests.Call("inspect", path, "--input", "tokens")).Error);
    }

    internal static string Line(Layer layer) => FormattableString.Invariant(
        $"{layer.Name} {layer.Operator} [{string.Join(", ", layer.Shape)}] {layer.Parameters} {layer.MultiplyAdds}");

    internal static ModelProto Model(string recipe, long[] shape, int classes)
    {
        var info = Golden.Info(shape, classes, normalization: new(255, [0.1307], [0.3081]));
        using var network = OnnxExporterTests.Filled(recipe, info);
        return OnnxExporter.Model(network, info, Output.Logits);
    }

    static ModelProto Minimal(string input, long[] shape, params NodeProto[] nodes)
    {
        var draft = new GraphDraft("minimal", "batch");
        draft.Input(TensorSpec.Float32(input, shape));
        draft.Graph.Node.Add(nodes);
        draft.Graph.Output.Add(draft.Graph.Input[0].Clone());
        draft.Graph.Output[0].Name = "y";
        if (nodes.Length > 1) draft.Graph.Output[0].Type.TensorType.Shape.Dim[^1] = new() { DimValue = 3 };
        return new() { IrVersion = 8, Graph = draft.Graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
    }
}
