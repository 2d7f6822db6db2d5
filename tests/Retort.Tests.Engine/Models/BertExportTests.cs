using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Tests.Export;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>The encoder as a graph whose batch and sequence are free, and what it costs.</summary>
public sealed class BertExportTests
{
    [Theory]
    [InlineData(BertPooling.Cls)]
    [InlineData(BertPooling.Pooler)]
    [InlineData(BertPooling.Mean)]
    public void Every_output_is_the_same_in_ONNX_Runtime_for_any_batch_length_and_padding(BertPooling pooling)
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New(TinyBert.Options with { Pooling = pooling });
        var file = OnnxComparison.File(OnnxExporter.Model(network, TinyBert.Info(), TinyBert.All));
        using var graph = new OnnxModel(file);
        Assert.Equal(
        [
            "input_ids int64 [batch, sequence]", "attention_mask int64 [batch, sequence]",
            "token_type_ids int64 [batch, sequence]",
        ], graph.Inputs.Select(input => input.ToString()));
        Assert.Equal("attentions.1 float [batch, 2, sequence, sequence]", graph.Outputs[6].ToString());
        foreach (var (batch, length, padding) in ((int, int, int)[])
            [(1, 1, 0), (1, 16, 0), (2, 5, 0), (3, 7, 4), (5, 4, 1), (1, 20, 0)])
        {
            var texts = TinyBert.Texts(batch, length, padding);
            var expected = network.Forward(texts, TinyBert.All);
            var found = graph.Run([.. texts.Parts.Select(part => Named(part.Name, part.Value))]);
            var tensors = TinyBert.All.Keys.SelectMany(expected.Layers).ToList();
            Assert.Equal(graph.Outputs.Count, tensors.Count);
            foreach (var (tensor, output) in tensors.Zip(found))
            {
                Assert.Equal(tensor.shape, output.Shape);
                Assert.InRange(OnnxComparison.Error(tensor.ToFloatArray(), output.Values<float>()), 0, 5e-6);
            }
        }
    }

    [Fact] // heads of 3 numbers, 2 of them, in an encoder that is 8 numbers wide
    public void Heads_of_a_width_of_their_own_are_the_same_in_ONNX_Runtime()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New(TinyBert.Options with { HeadSize = 3 });
        using var graph = new OnnxModel(OnnxComparison.File(
            OnnxExporter.Model(network, TinyBert.Info(), Output.Logits)));
        Assert.Equal([6, 8], network.state_dict()["bert.encoder.layer.1.attention.self.key.weight"].shape);
        Assert.Equal([8, 6], network.state_dict()["bert.encoder.layer.1.attention.output.dense.weight"].shape);
        var texts = TinyBert.Texts(3, 6, 2);
        var found = graph.Run([.. texts.Parts.Select(part => Named(part.Name, part.Value))]);
        var expected = network.Forward(texts, Output.Logits).Logits;
        Assert.InRange(OnnxComparison.Error(expected.ToFloatArray(), found[0].Values<float>()), 0, 5e-6);
    }

    [Fact]
    public void Without_token_types_the_graph_has_two_inputs()
    {
        using var scope = NewDisposeScope();
        var info = TinyBert.Info(types: false);
        using var network = TinyBert.New(info: info);
        using var graph = new OnnxModel(OnnxComparison.File(OnnxExporter.Model(network, info, Output.Logits)));
        Assert.Equal(["input_ids", "attention_mask"], graph.Inputs.Select(input => input.Name));
        var texts = TinyBert.Texts(3, 6, 2, types: false);
        var found = graph.Run([.. texts.Parts.Select(part => Named(part.Name, part.Value))]);
        var expected = network.Forward(texts, Output.Logits).Logits;
        Assert.InRange(OnnxComparison.Error(expected.ToFloatArray(), found[0].Values<float>()), 0, 5e-6);
    }

    [Fact]
    public void In_float16_the_graph_gives_nearly_the_same()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var model = OnnxExporter.Model(network, TinyBert.Info(), Output.Logits);
        var texts = TinyBert.Texts(3, 6, 3);
        var expected = network.Forward(texts, Output.Logits).Logits.ToFloatArray();
        using var half = new OnnxModel(OnnxComparison.File(HalfPrecision.Of(model)));
        var found = half.Run([.. texts.Parts.Select(part => Named(part.Name, part.Value))]);
        Assert.InRange(OnnxComparison.Error(expected, found[0].Values<float>()), 1e-6, 0.02);
    }

    // 16 tokens, 8 wide, 2 layers: four linear layers 4 · 16 · 8 · 8; scores and their use 2 · 16 · 16 · 8; two linear
    // layers 2 · 16 · 8 · 32; the pooler 8 · 8 and the classifier 8 · 3
    [Fact]
    public void Its_multiply_adds_are_those_by_hand_and_those_of_the_graph()
    {
        const long PerLayer = 4 * 16 * 64 + 2 * 256 * 8 + 2 * 16 * 256;
        const long Expected = 2 * PerLayer + 64 + 24;
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var texts = TinyBert.Texts(1, 16);
        var cost = Cost.Of(network, [.. texts.Parts.Select(part => part.Value)],
            () => [network.Forward(texts, Output.Logits).Logits]);
        Assert.Equal(Expected, cost.MultiplyAdds);
        Assert.InRange(cost.ActivationBytes, 16 * 32 * 4, 16 * 32 * 4 * 10);

        var folder = Contract.Few.Folder();
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), OnnxExporter.Export(network, TinyBert.Info()));
        File.WriteAllText(Path.Combine(folder, "config.json"), new System.Text.Json.Nodes.JsonObject
        {
            ["inputs"] = System.Text.Json.JsonSerializer.SerializeToNode(TinyBert.Info().Inputs, Json.Indented),
        }.ToJsonString());
        Assert.Equal(Expected, Inspection.Of(folder).MultiplyAdds);
    }

    static NamedTensor Named(string name, Tensor value) => NamedTensor.Of<long>(name, value.ToLongArray(), value.shape);
}
