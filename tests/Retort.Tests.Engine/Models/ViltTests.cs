using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Models;
using Retort.Tests.House;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>The transformer of texts and images: tools/golden/vilt.py, padding, and what it refuses.</summary>
public sealed class ViltTests
{
    static readonly JsonNode s_golden = JsonNode.Parse(File.ReadAllText(Repository.At("tests/Golden/vilt.json")))!;

    static readonly ViltOptions s_options = new()
    {
        PatchSize = 4, Layers = 2, HiddenSize = 24, Heads = 3, MaxPositions = 9,
    };

    static OutputSet All => Output.Logits | Output.Embedding | Output.HiddenStates | Output.Attentions;

    [Fact]
    public void Its_parameters_have_the_names_and_shapes_of_Hugging_Face()
    {
        using var network = New();
        Assert.Equal(
            s_golden["keys"].Deserialize<string[]>()!,
            network.state_dict().Select(pair => string.Join(' ', [pair.Key, .. pair.Value.shape])));
    }

    [Fact] // in float64 there, with weights that both compute
    public void Its_outputs_are_those_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var network = New();
        Golden.Fill(network);
        var inputs = Examples();
        var outputs = network.Forward(inputs, All);
        var logits = s_golden["logits"].Deserialize<double[][]>()!.SelectMany(row => row).ToArray();
        Assert.Equal(logits, outputs.Logits.ToFloatArray().Select(value => (double)value), Near);
        Same(s_golden["embedding"]!, outputs.Embedding);

        var mask = cat([inputs.AttentionMask.to(ScalarType.Bool), ones(2, 7, ScalarType.Bool)], 1);    // [B, T]
        var pairs = mask.unsqueeze(1).logical_and(mask.unsqueeze(2)).unsqueeze(1);                     // [B, 1, T, T]
        foreach (var (i, expected) in s_golden["hidden"]!.AsArray().Index())
            Same(expected!, outputs.HiddenStates[i].where(mask.unsqueeze(-1), zeros(1)));
        foreach (var (i, expected) in s_golden["attentions"]!.AsArray().Index())
            Same(expected!, outputs.Attentions[i].where(pairs, zeros(1)));
    }

    [Fact]
    public void Padding_of_the_text_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var network = New();
        var inputs = Examples();
        var longer = new Inputs([.. inputs.Parts.Select(part => part.Name == "pixel_values" ? part
            : (part.Name, cat([part.Value, zeros(2, 3, int64)], 1)))]);
        var (one, other) = (network.Forward(inputs, Output.Logits), network.Forward(longer, Output.Logits));
        Assert.True(one.Logits.allclose(other.Logits, atol: 1e-6));
    }

    [Fact]
    public void Both_inputs_change_the_answer()
    {
        using var scope = NewDisposeScope();
        using var network = New();
        Golden.Fill(network);
        var logits = network.Forward(Examples(), Output.Logits).Logits;
        foreach (var name in new[] { "pixel_values", "input_ids" })
        {
            var changed = new Inputs([.. Examples().Parts.Select(
                part => part.Name == name ? (name, part.Value.flip(0)) : part)]);
            Assert.False(network.Forward(changed, Output.Logits).Logits.allclose(logits, rtol: 0.01));
        }
    }

    [Fact]
    public void Data_without_texts_or_without_images_is_refused()
    {
        Assert.Equal(
            "vilt takes images and texts (pixel_values, input_ids and attention_mask); the data has input_ids, "
                + "attention_mask, token_type_ids: choose another network, such as bert for texts.",
            Assert.Throws<InvalidOperationException>(() => s_options.Build(TinyBert.Info())).Message);
        Assert.Equal(
            "vilt takes token ids (input_ids and attention_mask); the data has pixel_values: choose another network.",
            Assert.Throws<InvalidOperationException>(() => s_options.Build(Golden.Info([3, 8, 12], 5))).Message);
        Assert.Equal(
            "bert takes input_ids, attention_mask and token_type_ids alone; the data has pixel_values too.",
            Assert.Throws<InvalidOperationException>(() => new BertOptions().Build(Info())).Message);
    }

    [Fact]
    public void Images_of_no_whole_patches_and_longer_texts_are_refused()
    {
        Assert.StartsWith("vilt takes images whose sides are multiples of patchSize, 5; the data's are 8 x 12",
            Assert.Throws<InvalidOperationException>(() => (s_options with { PatchSize = 5 }).Build(Info())).Message);
        Assert.StartsWith("vilt has positions for 5 tokens, and the data's longest text has 9",
            Assert.Throws<InvalidOperationException>(
                () => (s_options with { MaxPositions = 5 }).Build(Info())).Message);
    }

    static Network New()
    {
        manual_seed(1);
        var network = ModuleFactory.Create(() => s_options.Build(Info()));
        network.eval();
        return network;
    }

    static DatasetInfo Info() => new()
    {
        Classes = ["a", "b", "c", "d", "e"],
        Inputs =
        [
            TensorSpec.Tokens("input_ids", 9, 30),
            TensorSpec.Tokens("attention_mask", 9),
            TensorSpec.Tokens("token_type_ids", 9),
            TensorSpec.PixelValues(3, 8, 12),
        ],
    };

    static Inputs Examples() => new(
        ("input_ids", Numbers("ids")), ("attention_mask", Numbers("mask")), ("token_type_ids", Numbers("types")),
        ("pixel_values", Golden.Noise(1001, 2 * 3 * 8 * 12).ToTensor(2, 3, 8, 12)));

    static Tensor Numbers(string name) =>
        s_golden[name].Deserialize<long[][]>()!.SelectMany(row => row).ToArray().ToTensor(2, 6);

    static void Same(JsonNode expected, Tensor found)
    {
        var (length, product) = Golden.Measured(found);
        Assert.Equal((double)expected[0]!, length, Near);
        Assert.Equal((double)expected[1]!, product, Near);
    }

    static bool Near(double expected, double found) =>
        Math.Abs(expected - found) <= 2e-5 * Math.Max(1, Math.Abs(expected));
}
