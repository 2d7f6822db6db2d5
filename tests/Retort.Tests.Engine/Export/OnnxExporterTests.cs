using Retort.Export;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tensors.Files;
using Retort.Tests.Models;

namespace Retort.Tests.Export;

/// <summary>Whole networks against the graphs they become.</summary>
public sealed class OnnxExporterTests
{
    static readonly Dictionary<string, long[]> Families = new()
    {
        ["""{ "name": "mlp" }"""] = [1, 20, 18],
        ["""{ "name": "lenet" }"""] = [1, 20, 18],
        ["""{ "name": "lenet", "batchNorm": true }"""] = [1, 20, 18],
        ["""{ "name": "convnet", "widths": [4, 8] }"""] = [3, 20, 18],
        ["""{ "name": "convnet", "widths": [4, 8], "kernel": 5, "norm": "none", "downsampling": "stride" }"""] =
            [1, 19, 17],
        ["""{ "name": "convnet", "widths": [4, 8], "norm": "batch", "downsampling": "averagePool", "hidden": [6] }"""] =
            [2, 20, 18],
        ["""{ "name": "convnet", "widths": [4], "norm": "none", "downsampling": "maxPool" }"""] = [2, 20, 18],
        ["""{ "name": "resnet", "depth": 8 }"""] = [3, 16, 12],
        ["""{ "name": "wide-resnet", "depth": 10, "widening": 1 }"""] = [3, 16, 12],
        ["""{ "name": "vgg", "depth": 8 }"""] = [3, 16, 16],
        ["""{ "name": "mobilenet-v2", "width": 0.25 }"""] = [3, 32, 32],
        ["""{ "name": "torchvision-resnet", "depth": 18 }"""] = [3, 40, 32],
        ["""{ "name": "torchvision-resnet", "depth": 50 }"""] = [3, 32, 32],
        ["""{ "name": "torchvision-mobilenet-v2", "width": 0.25 }"""] = [3, 40, 32],
        ["""{ "name": "torchvision-mobilenet-v3", "size": "small" }"""] = [3, 40, 32],
        ["""{ "name": "torchvision-mobilenet-v3", "size": "large", "width": 0.5 }"""] = [1, 28, 28],
        ["""{ "name": "vit", "patchSize": 8, "layers": 2 }"""] = [3, 16, 24],
    };

    public static TheoryData<string> All => [.. Families.Keys];

    [Theory, MemberData(nameof(All))]
    public void A_family_has_the_same_outputs_in_ONNX_Runtime_for_any_batch_size(string recipe)
    {
        using var scope = torch.NewDisposeScope();
        var info = Info(Families[recipe]);
        using var network = Filled(recipe, info);
        var file = OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits));
        foreach (var batch in new[] { 1, 5 })
        {
            var raw = Golden.Noise(batch, batch * Families[recipe].Aggregate(1L, (a, b) => a * b))
                .ToTensor([batch, .. Families[recipe]])
                .abs();
            var expected =
                network.Forward(new(("pixel_values", Normalised(raw, info))), Output.Logits).Logits.ToFloatArray();
            var actual = OnnxComparison.Answer(file, raw);
            // logits of weights like these reach thousands, and a small one is a difference of large ones
            var scale = Math.Max(1, expected.Max(Math.Abs));
            Assert.InRange(expected.Zip(actual, (one, other) => Math.Abs(one - other) / scale).Max(), 0, 1e-5);
        }
        Assert.False(network.training);
    }

    [Theory, MemberData(nameof(All))]
    public void Weights_keep_their_names_and_norms_and_nodes_without_effect_are_gone(string recipe)
    {
        using var scope = torch.NewDisposeScope();
        var info = Info(Families[recipe]);
        using var network = Filled(recipe, info);
        var graph = OnnxExporter.Model(network, info, Output.Logits).Graph;
        var parameters = network.named_parameters().Select(one => one.name).ToHashSet();
        var norms = graph.Node.Count(node => node.OpType == "BatchNormalization");
        Assert.All(graph.Initializer, weight => Assert.True(parameters.Contains(weight.Name)
            || weight.Name.EndsWith(".bias", StringComparison.Ordinal)
                && parameters.Contains(weight.Name[..^"bias".Length] + "weight")
            || norms > 0 && weight.Name.Contains("running_", StringComparison.Ordinal), weight.Name));
        // its norms stand before convolutions
        Assert.Equal(recipe.Contains("wide", StringComparison.Ordinal), norms > 0);
        Assert.DoesNotContain(graph.Node, node => node.OpType is "Identity" or "Dropout");
        Assert.Equal(graph.Node.Count, graph.Node.Select(node => node.Name).Distinct().Count());
    }

    [Fact]
    public void A_graph_describes_its_inputs_outputs_and_classes()
    {
        using var scope = torch.NewDisposeScope();
        var info = Info([1, 20, 18]);
        using var network = Filled("""{ "name": "lenet" }""", info);
        using var onnx = new OnnxModel(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)));
        Assert.Equal("pixel_values float [batch, 1, 20, 18]", Assert.Single(onnx.Inputs).ToString());
        Assert.Equal("logits float [batch, 4]", Assert.Single(onnx.Outputs).ToString());
        Assert.Equal("""["class 0","class 1","class 2","class 3"]""", onnx.Metadata["retort.classes"]);
        Assert.Equal("pixel_values", onnx.Metadata["retort.input"]);
        Assert.Equal(OnnxExporter.Version, onnx.Metadata["retort.version"]);
    }

    [Fact] // weights of PyTorch's file through our graph: the logits that PyTorch computed
    public void A_graph_with_weights_of_PyTorch_has_the_outputs_of_PyTorch()
    {
        using var scope = torch.NewDisposeScope();
        static string At(string name) => House.Repository.At($"tests/Golden/Interop/{name}");
        var info = Golden.Info([1, 28, 28], 10, normalization: new(255, [0.1307], [0.3081]));
        using var network =
            ModuleFactory.Create(() => new Retort.Models.LeNetOptions { BatchNorm = true }.Build(info));
        WeightsFile.LoadStateDict(network.state_dict(), WeightsFile.Read(At("lenet.pth")), "lenet.pth");
        var raw = File.ReadAllBytes(At("mnist-8.bytes")).Select(one => one / 255f).ToArray().ToTensor(8, 1, 28, 28);
        var expected = Recipes.TestRuns.Json(At("reference.json"))["logits_of_first_8_test_images"]!
            .AsArray()
            .SelectMany(row => row!.AsArray())
            .Select(logit => (float)logit!)
            .ToArray();
        Assert.InRange(
            OnnxComparison.Error(
                expected,
                OnnxComparison.Answer(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)), raw)),
            0,
            1e-4);
    }

    [Fact] // raw features in, whatever their scale: (x - mean) / sd
    public void Features_are_normalised_in_the_graph()
    {
        using var scope = torch.NewDisposeScope();
        var info = Golden.Info([3], 4, "features", new(1, [2000, 0.5, -3], [12, 0.01, 1]));
        using var network = Filled("""{ "name": "mlp" }""", info);
        var raw = torch.tensor(new float[,] { { 1990, 0.51f, -2.5f }, { 2024, 0.48f, -4 } });
        var normal = torch.tensor(new float[,] { { -10 / 12f, 1, 0.5f }, { 2, -2, -1 } });
        var expected = network.Forward(new(("features", normal)), Output.Logits).Logits.ToFloatArray();
        Assert.InRange(
            OnnxComparison.Error(
                expected,
                OnnxComparison.Answer(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)), raw)),
            0,
            2e-5);
    }

    [Fact] // heads are cut and joined by the batch's size, and a row is repeated for each example
    public void Sizes_that_grow_with_the_batch_are_computed_in_the_graph()
    {
        using var scope = torch.NewDisposeScope();
        var info = Golden.Info([6, 4], 3, "features");
        using var network = ModuleFactory.Create(() => new Heads());
        var file = OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits));
        foreach (var batch in new[] { 1, 4 })
        {
            var x = torch.rand(batch, 6, 4);
            Assert.InRange(
                OnnxComparison.Error(
                    network.Forward(new(("features", x)), Output.Logits).Logits.ToFloatArray(),
                    OnnxComparison.Answer(file, x)),
                0,
                2e-6);
        }
    }

    [Theory]
    [InlineData("maximum")]
    [InlineData("relu")]
    [InlineData("turned")]
    public void A_network_may_begin_with_an_operator_that_is_no_layer(string word)
    {
        using var scope = torch.NewDisposeScope();
        var info = Info([1, 4, 4]);
        using var network = ModuleFactory.Create(() => new Beginning(
            x => word switch { "maximum" => x.MaxPool2d(2), "relu" => x.Relu(), _ => x.Transpose(2, 3) },
            word == "maximum" ? 4 : 16));
        var raw = torch.rand(3, 1, 4, 4);
        var expected =
            network.Forward(new(("pixel_values", Normalised(raw, info))), Output.Logits).Logits.ToFloatArray();
        Assert.InRange(
            OnnxComparison.Error(
                expected,
                OnnxComparison.Answer(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)), raw)),
            0,
            1e-5);
    }

    [Fact]
    public void A_tensor_that_no_recorded_operator_made_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        var info = Golden.Info([4], 4, "features");
        using var unseen = ModuleFactory.Create(() => new Free((x, fc) => (fc.call(x) * x).Relu()));
        using var last = ModuleFactory.Create(() => new Free((x, fc) => fc.call(x) * x));
        using var another =
            ModuleFactory.Create(() => new Free((x, fc) => x.size(0) > 2 ? fc.call(x).Relu() : fc.call(x)));
        Assert.Equal(
            "Relu was applied to [2, 4] that no recorded operator made: networks must use the methods of Operators "
            + "only (Add and Times, not + and *).",
            Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(unseen, info)).Message);
        Assert.StartsWith(
            "No recorded operator made the logits",
            Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(last, info)).Message,
            StringComparison.Ordinal);
        Assert.Equal("The network cannot be exported: its operators depend on the size of batch.",
            Assert.Throws<NotSupportedException>(() => OnnxExporter.Export(another, info)).Message);
    }

    /// <summary>With every weight and running figure set to something, in eval mode.</summary>
    internal static Network Filled(string recipe, DatasetInfo info)
    {
        var network = Golden.Student(recipe, info);
        Golden.Fill(network);
        network.eval();
        return network;
    }

    internal static DatasetInfo Info(long[] shape) => Golden.Info(shape, 4, normalization: new(255,
        [.. Enumerable.Range(0, (int)shape[0]).Select(c => 0.4 + 0.05 * c)],
        [.. Enumerable.Range(0, (int)shape[0]).Select(c => 0.3 - 0.02 * c)]));

    static Tensor Normalised(Tensor raw, DatasetInfo info)
    {
        var (mean, sd) = (info.Normalization!.Mean, info.Normalization.StandardDeviation);
        return (raw - torch.tensor([.. mean.Select(value => (float)value)]).reshape(1, -1, 1, 1))
            / torch.tensor([.. sd.Select(value => (float)value)]).reshape(1, -1, 1, 1);
    }

    sealed class Heads : Network
    {
        readonly Linear key = new(4, 4);
        readonly TorchSharp.Modules.Parameter first = new(torch.rand(1, 1, 4));
        readonly Linear output = new(4, 3);

        public Heads() : base(nameof(Heads)) => RegisterComponents();

        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted)
        {
            var x = inputs["features"];
            var batch = x.size(0);
            // [B, 7, 4]
            var tokens = first.Expand(batch, 1, 4).Concat(1, x);
            // [2 B, 7, 2]
            var heads = key.call(tokens).Reshape(batch, 7, 2, 2).Transpose(1, 2).Reshape(batch * 2, 7, 2);
            // [2 B, 7, 2]
            var mixed = heads.MatMul(heads.Transpose()).Softmax().MatMul(heads);
            return new()
            {
                Logits = output.call(mixed.Reshape(batch, 2, 7, 2).Transpose(1, 2).Reshape(batch, 7, 4).Mean(1)),
            };
        }
    }

    sealed class Free : Network
    {
        readonly Linear fc = new(4, 4);
        readonly Func<Tensor, Linear, Tensor> _forward;

        public Free(Func<Tensor, Linear, Tensor> forward) : base(nameof(Free))
        {
            _forward = forward;
            RegisterComponents();
        }

        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = _forward(inputs["features"], fc) };
    }

    sealed class Beginning : Network
    {
        readonly Linear fc;
        readonly Func<Tensor, Tensor> _first;

        public Beginning(Func<Tensor, Tensor> first, int width) : base(nameof(Beginning))
        {
            (_first, fc) = (first, new(width, 4));
            RegisterComponents();
        }

        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = fc.call(_first(inputs["pixel_values"]).Flatten()) };
    }
}
