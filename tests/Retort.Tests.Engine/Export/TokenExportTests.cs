using System.Text.Json.Nodes;
using Google.Protobuf;
using Retort.Export;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tests.Contract;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Element = Retort.Runtime.Wire.TensorProto.Types.DataType;

namespace Retort.Tests.Export;

/// <summary>Networks of token ids with a mask as graphs whose batch and sequence are free.</summary>
public sealed class TokenExportTests
{
    static DatasetInfo Data => TokenEncoder.Info;
    static OutputSet All => TokenEncoder.All;

    [Fact]
    public void Every_output_is_the_same_in_ONNX_Runtime_for_any_batch_and_length()
    {
        using var scope = NewDisposeScope();
        using var network = Encoder();
        var file = OnnxComparison.File(OnnxExporter.Model(network, Data, All));
        using var graph = new OnnxModel(file);
        Assert.Equal(
            ["input_ids int64 [batch, sequence]", "attention_mask int64 [batch, sequence]"],
            graph.Inputs.Select(input => input.ToString()));
        Assert.Equal(
        [
            "logits float [batch, 3]", "embedding float [batch, 8]", "hidden_states.0 float [batch, sequence, 8]",
            "hidden_states.1 float [batch, sequence, 8]",
            "attentions.0 float [batch, 2, sequence, sequence]", "token_embeddings float [batch, sequence, 8]",
        ], graph.Outputs.Select(output => output.ToString()));
        foreach (var (batch, length) in ((int, int)[])[(1, 1), (1, 12), (2, 5), (3, 7), (5, 4)])
        {
            var (ids, mask) = Batch(batch, length);
            var expected = network.Forward(new(("input_ids", ids), ("attention_mask", mask)), All);
            var found = graph.Run([Named("input_ids", ids), Named("attention_mask", mask)]);
            var tensors = All.Keys.SelectMany(expected.Layers).ToList();
            Assert.Equal(graph.Outputs.Count, tensors.Count);
            foreach (var (tensor, output) in tensors.Zip(found))
            {
                Assert.Equal(tensor.shape, output.Shape);
                Assert.InRange(OnnxComparison.Error(tensor.ToFloatArray(), output.Values<float>()), 0, 5e-6);
            }
        }
    }

    [Fact] // what stands in the padding, and how much of it there is, reaches nothing but the padding
    public void Padding_changes_no_output()
    {
        using var scope = NewDisposeScope();
        using var network = Encoder();
        using var graph = new OnnxModel(
            OnnxComparison.File(OnnxExporter.Model(network, Data, Output.Logits | Output.TokenEmbeddings)));
        var tight = graph.Run(
        [
            NamedTensor.Of<long>("input_ids", [3, 1, 2], 1, 3), NamedTensor.Of<long>("attention_mask", [1, 1, 1], 1, 3),
        ]);
        var wide = graph.Run(
        [
            NamedTensor.Of<long>("input_ids", [3, 1, 2, 9, 8, 7], 1, 6),
            NamedTensor.Of<long>("attention_mask", [1, 1, 1, 0, 0, 0], 1, 6),
        ]);
        Assert.InRange(OnnxComparison.Error(tight[0].Values<float>().ToArray(), wide[0].Values<float>()), 0, 2e-6);
        var error = OnnxComparison.Error(tight[1].Values<float>().ToArray(), wide[1].Values<float>()[..24]);
        Assert.InRange(error, 0, 2e-6);
    }

    [Fact]
    public void In_float16_and_int8_outputs_are_nearly_the_same_and_ids_stay_integers()
    {
        using var scope = NewDisposeScope();
        using var network = Encoder();
        var data = new Dataset
        {
            Name = "tokens",
            Hash = "tokens",
            Training = new Split(64),
            Validation = new Split(16),
            Test = new Split(16),
        };
        var model = OnnxExporter.Model(network, Data, Output.Logits);
        var (half, integers) = (HalfPrecision.Of(model), Variants.Int8(model, data));
        var (full, narrow, small) = (Logits(model), Logits(half), Logits(integers));
        Assert.InRange(OnnxComparison.Error(full, narrow), 1e-6, 0.02);
        Assert.InRange(OnnxComparison.Error(full, small), 1e-6, 0.2);
        foreach (var graph in (GraphProto[])[half.Graph, integers.Graph])
            Assert.All(graph.Input, input => Assert.Equal((int)Element.Int64, input.Type.TensorType.ElemType));
        // weights of linear layers over tokens are read transposed; they are int8 all the same
        var weights = integers.Graph.Initializer.ToDictionary(one => one.Name, one => (Element)one.DataType);
        var query = weights.Single(one => one.Key.StartsWith("query.weight.int8.", StringComparison.Ordinal));
        Assert.Equal(Element.Int8, query.Value);
        Assert.DoesNotContain("query.weight", weights.Keys);
        Assert.Equal((0.0, 16), (
            Math.Round(ExportCheck.Compare(OnnxComparison.File(model), network, data, Output.Logits).Worst, 4),
            data.Test.Count));

        float[] Logits(ModelProto graph)
        {
            using var exported = new ExportedGraph(OnnxComparison.File(graph), null, Data);
            return exported.Run(data.Test, [.. Enumerable.Range(0, 16)]).Output<float>().ToArray();
        }
    }

    [Fact] // a network of an image and a token list: only the image is normalised
    public void Inputs_of_several_types_go_into_one_graph()
    {
        using var scope = NewDisposeScope();
        var data = new DatasetInfo
        {
            Classes = ["a", "b"],
            Inputs =
            [
                TensorSpec.PixelValues(1, 4, 4) with { Normalization = new(255, [0.5], [0.25]) },
                TensorSpec.Tokens("input_ids", 9),
                new() { Name = "flags", Type = TensorType.Bool, Axes = [new("flag", 3)] },
            ],
        };
        using var network = ModuleFactory.Create(() => new Mixed());
        network.eval();
        using var graph = new OnnxModel(OnnxComparison.File(OnnxExporter.Model(network, data, Output.Logits)));
        Assert.Equal(
            ["pixel_values float [batch, 1, 4, 4]", "input_ids int64 [batch, sequence]", "flags bool [batch, 3]"],
            graph.Inputs.Select(input => input.ToString()));
        var (pixels, ids) = (rand(2, 1, 4, 4), tensor(new long[,] { { 1, 2, 3 }, { 4, 0, 1 } }));
        bool[] flags = [true, false, true, false, false, true];
        var expected = network.Forward(new(("pixel_values", pixels.Add(-0.5).Times(4)), ("input_ids", ids),
            ("flags", tensor(flags).reshape(2, 3))), Output.Logits).Logits;
        var found = graph.Run(
        [
            Named("input_ids", ids), NamedTensor.Of<bool>("flags", flags, 2, 3),
            NamedTensor.Of<float>("pixel_values", pixels.ToFloatArray(), 2, 1, 4, 4),
        ]);
        Assert.InRange(OnnxComparison.Error(expected.ToFloatArray(), found[0].Values<float>()), 0, 1e-5);
    }

    [Fact]
    public void What_cannot_be_exported_is_one_sentence()
    {
        using var scope = NewDisposeScope();
        using var network = Encoder();
        using var pairs = ModuleFactory.Create(
            () => new Shaped(x => x.Reshape(x.shape[0], x.shape[1] * x.shape[1] / x.shape[1]).Reshape(x.shape[0], -1)));
        using var square = ModuleFactory.Create(() => new Shaped(x =>
            x.Unsqueeze(2).Expand(x.shape[0], x.shape[1], x.shape[1]).Reshape(x.shape[0], x.shape[1] * x.shape[1])));
        using var arranged = ModuleFactory.Create(() => new Shaped(x => x.TakeRows(arange(x.shape[0]))));
        Assert.Equal(
            "The network Encoder does not offer hidden states, attentions; it offers logits.",
            Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(
                new Shaped(x => x), Data, Output.Logits | Output.HiddenStates | Output.Attentions)).Message
                .Replace("Shaped", "Encoder", StringComparison.Ordinal));
        Assert.Null(Record.Exception(() => OnnxExporter.Export(pairs, Data)));
        Assert.StartsWith(
            "Reshape cannot be exported: a size is 25 at batch 2, sequence 5; 25 at batch 3, sequence 5; 49 at batch "
            + "2, sequence 7; ",
            Assert.Throws<NotSupportedException>(() => OnnxExporter.Export(square, Data)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "Gather cannot be exported: its operand [2] was made by no recorded operator and depends on the size of "
            + "batch or sequence.",
            Assert.Throws<NotSupportedException>(() => OnnxExporter.Export(arranged, Data)).Message);
    }

    [Fact]
    public void Inspection_of_a_students_folder_takes_the_longest_example()
    {
        using var scope = NewDisposeScope();
        using var network = Encoder();
        var folder = Few.Folder();
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), OnnxExporter.Export(network, Data));
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["inputs"] = System.Text.Json.JsonSerializer.SerializeToNode(Data.Inputs, Json.Indented),
        }.ToJsonString());
        var found = Inspection.Of(folder);
        Assert.Equal(["input_ids int64 [batch, sequence]", "attention_mask int64 [batch, sequence]"], found.Inputs);
        // query, key, value, mixed: 4 · 12 · 8 · 8; scores and their use: 2 · 2 · 12 · 12 · 4;
        // two layers 8 → 16 → 8; classifier 8 · 3
        Assert.Equal(4 * 768 + 2 * 1152 + 2 * 12 * 8 * 16 + 24, found.MultiplyAdds);
        Assert.Equal([1, 12, 8], found.Layers.First(layer => layer.Operator == "Gather").Shape);
    }

    static NamedTensor Named(string name, Tensor value) => NamedTensor.Of<long>(name, value.ToLongArray(), value.shape);

    // each row one token shorter than the one before
    static (Tensor Ids, Tensor Mask) Batch(int batch, int length)
    {
        var (ids, mask) = (new long[batch * length], new long[batch * length]);
        for (var i = 0; i < ids.Length; i++)
            (ids[i], mask[i]) = ((i * 7 + 3) % 20, i % length < Math.Max(1, length - i / length) ? 1 : 0);
        return (ids.ToTensor(batch, length), mask.ToTensor(batch, length));
    }

    static Network Encoder() => TokenEncoder.New();

    sealed class Mixed : Network
    {
        readonly Retort.Tensors.Conv2d conv = new(1, 2, 3, padding: 1);
        readonly Retort.Tensors.Embedding words = new(5, 2);
        readonly Retort.Tensors.Linear output = new(5, 2);

        public Mixed() : base(nameof(Mixed)) => RegisterComponents();

        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted)
        {
            var image = conv.call(inputs.PixelValues).Relu().GlobalAvgPool2d();                     // [B, 2]
            var text = words.call(inputs.InputIds).Mean(1);                                         // [B, 2]
            var flags = inputs["flags"].MaskToWeights(ScalarType.Float32).Sum(1).Unsqueeze(1);      // [B, 1]
            return new() { Logits = output.call(image.Concat(1, text, flags)) };
        }
    }

    sealed class Shaped(Func<Tensor, Tensor> forward) : Network(nameof(Shaped))
    {
        public override OutputSet AvailableOutputs => Output.Logits;

        public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
            new() { Logits = forward(inputs.AttentionMask.ToMask().MaskToWeights(ScalarType.Float32)) };
    }

    /// <summary>Ids of 3 to 12 tokens.</summary>
    sealed class Split(int count) : IDataSplit
    {
        public int Count => count;
        public DatasetInfo Info => Data;

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            var rows = new List<ReadOnlyMemory<long>>();
            for (var i = 0; i < positions.Length; i++)
            {
                var position = positions[i];
                (into.Ids[i], into.Labels[i]) = (position, position % 3);
                rows.Add(
                    Enumerable.Range(0, 3 + position % 10).Select(t => (long)((position * 3 + t * t) % 20)).ToArray());
            }
            into.Pad("input_ids", rows);
        }
    }
}
