using Retort.Export;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Models;
using static TorchSharp.torch;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Tests.Export;

/// <summary>Transformers in 8-bit integers, with the range of each call.</summary>
public sealed class DynamicQuantizationTests
{
    [Fact]
    public void A_BERT_has_nearly_the_same_outputs_and_its_matrices_are_int8()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var model = OnnxExporter.Model(network, TinyBert.Info(), Output.Logits);
        Assert.True(DynamicQuantization.Fits(model));
        var small = DynamicQuantization.Of(model);
        var texts = TinyBert.Texts(3, 6, 3);
        var expected = network.Forward(texts, Output.Logits).Logits.ToFloatArray();
        Assert.InRange(OnnxComparison.Error(expected, Run(small, texts)), 1e-6, 0.05);

        // vectors stay float32, and the table of positions, of which a graph takes a part
        Assert.Equal(["bert.embeddings.position_embeddings.weight"], small.Graph.Initializer
            .Where(weight => weight.Dims.Count == 2 && weight.Dims[1] > 1 && weight.DataType != (int)Element.Int8)
            .Select(weight => weight.Name));
        Assert.Equal(2, small.Graph.Node.Count(node => node.OpType == "Gather" && node.Input[0].Contains(".int8")));
    }

    // with one range for all texts the numbers of the others would get a hundredth of it
    [Fact]
    public void A_text_with_outliers_costs_the_other_texts_nothing()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        foreach (var (name, parameter) in network.named_parameters())
            if (name.EndsWith("word_embeddings.weight", StringComparison.Ordinal))
                using (no_grad()) parameter[0].mul_(1000);
        var small = DynamicQuantization.Of(OnnxExporter.Model(network, TinyBert.Info(), Output.Logits));
        var texts = TinyBert.Texts(1, 6);
        var expected = network.Forward(texts, Output.Logits).Logits.ToFloatArray();
        Assert.InRange(OnnxComparison.Error(expected, Run(small, texts)), 1e-6, 0.05);
    }

    // W = [[1, -2], [0.5, 0]] of [out, in], x = (0.5, 2): in steps of 2/255 x is 64 and 255; W's rows are 64, -127 in
    // steps of 2/127 and 127, 0 in steps of 0.5/127
    [Fact]
    public void A_linear_layer_by_hand()
    {
        var model = Of("Gemm", TensorSpec.Features(2) with { Name = "x" }, ["x", "w", "b"], [("transB", 1L)],
            GraphWiring.Floats("w", [2, 2], [1, -2, 0.5f, 0]), GraphWiring.Floats("b", [2], [1, 2]));
        var small = DynamicQuantization.Of(model);
        Assert.Equal(
            ["DynamicQuantizeLinear", "Mul", "MatMulInteger", "Cast", "Mul", "Add"],
            small.Graph.Node.Select(node => node.OpType));

        // columns (1, 0.5) and (-2, 0) of the transpose: scales of the outputs 2/127 and 0.5/127
        var weight = small.Graph.Initializer.Single(one => one.DataType == (int)Element.Int8);
        Assert.Equal([64, 127, -127, 0], weight.RawData.Select(number => (int)(sbyte)number));
        using var graph = new OnnxModel(OnnxComparison.File(small));
        var y = graph.Run([NamedTensor.Of<float>("x", [0.5f, 2], 1, 2)])[0].Values<float>();
        Assert.Equal(1 + 64 * 2 / 255f * 64 * 2 / 127 - 4, y[0], 4);
        Assert.Equal(2 + 64 * 2 / 255f * 0.5, y[1], 4);
    }

    // row (300, 0) has a scale of its own, so that (0.1, -0.2) keeps its numbers
    [Fact]
    public void Each_row_of_a_table_has_its_own_scale()
    {
        var ids = new TensorSpec { Name = "ids", Type = TensorType.Int64, Axes = [new("position", 2)] };
        var model = Of("Gather", ids, ["table", "ids"], [],
            GraphWiring.Floats("table", [2, 2], [300, 0, 0.1f, -0.2f]));
        using var graph = new OnnxModel(OnnxComparison.File(DynamicQuantization.Of(model)));
        var y = graph.Run([NamedTensor.Of<long>("ids", [1, 0], 1, 2)])[0].Values<float>().ToArray();
        Assert.Equal([0.1f, -0.2f, 300, 0], y, (a, b) => Math.Abs(a - b) <= 0.01 * Math.Abs(a));
    }

    static ModelProto Of(string type, TensorSpec input, IReadOnlyList<string> operands, (string, object)[] attributes,
        params ReadOnlySpan<TensorProto> weights)
    {
        var draft = new GraphDraft("one", "batch");
        draft.Reserve("y");
        draft.Input(input);
        draft.Graph.Initializer.AddRange(weights.ToArray());
        draft.Output(draft.Node(type, operands, attributes), "y", OnnxComparison.Batched(2));
        return new() { IrVersion = 8, Graph = draft.Graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
    }

    static float[] Run(ModelProto model, Inputs texts)
    {
        using var graph = new OnnxModel(OnnxComparison.File(model));
        return [.. graph.Run([.. texts.Parts.Select(part => NamedTensor.Of<long>(
            part.Name, part.Value.ToLongArray(), part.Value.shape))])[0].Values<float>()];
    }
}
