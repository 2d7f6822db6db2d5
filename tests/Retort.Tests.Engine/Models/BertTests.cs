using Retort.Models;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>The encoder itself: names, outputs, padding, refusals.</summary>
public sealed class BertTests
{
    [Fact]
    public void Its_parameters_have_the_names_and_shapes_of_Hugging_Face()
    {
        using var network = TinyBert.New(TinyBert.Options with { Layers = 1 });
        Assert.Equal(
        [
            "bert.embeddings.word_embeddings.weight 30 8",
            "bert.embeddings.position_embeddings.weight 20 8",
            "bert.embeddings.token_type_embeddings.weight 2 8",
            "bert.embeddings.LayerNorm.weight 8",
            "bert.embeddings.LayerNorm.bias 8",
            "bert.encoder.layer.0.attention.self.query.weight 8 8",
            "bert.encoder.layer.0.attention.self.query.bias 8",
            "bert.encoder.layer.0.attention.self.key.weight 8 8",
            "bert.encoder.layer.0.attention.self.key.bias 8",
            "bert.encoder.layer.0.attention.self.value.weight 8 8",
            "bert.encoder.layer.0.attention.self.value.bias 8",
            "bert.encoder.layer.0.attention.output.dense.weight 8 8",
            "bert.encoder.layer.0.attention.output.dense.bias 8",
            "bert.encoder.layer.0.attention.output.LayerNorm.weight 8",
            "bert.encoder.layer.0.attention.output.LayerNorm.bias 8",
            "bert.encoder.layer.0.intermediate.dense.weight 32 8",
            "bert.encoder.layer.0.intermediate.dense.bias 32",
            "bert.encoder.layer.0.output.dense.weight 8 32",
            "bert.encoder.layer.0.output.dense.bias 8",
            "bert.encoder.layer.0.output.LayerNorm.weight 8",
            "bert.encoder.layer.0.output.LayerNorm.bias 8",
            "bert.pooler.dense.weight 8 8",
            "bert.pooler.dense.bias 8",
            "classifier.weight 3 8",
            "classifier.bias 3",
        ], network.state_dict().Select(pair => string.Join(' ', [pair.Key, .. pair.Value.shape])));
    }

    [Theory]
    [InlineData(BertPooling.Cls)]
    [InlineData(BertPooling.Mean)]
    public void Without_the_pooler_it_has_no_parameters_of_one(BertPooling pooling)
    {
        using var network = TinyBert.New(TinyBert.Options with { Pooling = pooling });
        Assert.DoesNotContain(
            network.named_parameters(), pair => pair.name.Contains("pooler", StringComparison.Ordinal));
    }

    // the deviation of n draws is right to 1 / √(2n)
    [Fact]
    public void Weights_begin_normal_with_deviation_a_fiftieth_norms_at_one_and_biases_at_zero()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = ModuleFactory.Create(
            () => new BertOptions { HiddenSize = 64 }.Build(TinyBert.Info(vocabulary: 500)));
        foreach (var (name, parameter) in network.named_parameters())
        {
            var expected = parameter.dim() == 2 ? (0, 0.02)
                : name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? (1, 0.0) : (0, 0.0);
            var values = parameter.detach();
            var rounding = parameter.dim() == 2 ? 4 * 0.02 / Math.Sqrt(parameter.numel()) : 0;
            Assert.Equal(expected.Item1, values.mean().ToDouble(), tolerance: rounding);
            Assert.Equal(expected.Item2, values.std(unbiased: false).ToDouble(), tolerance: rounding);
        }
    }

    [Fact]
    public void Outputs_have_the_shapes_that_their_keys_state()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var outputs = network.Forward(TinyBert.Texts(2, 5), TinyBert.All);
        Assert.Equal([2, 3], outputs.Logits.shape);
        Assert.Equal([2, 8], outputs.Embedding.shape);
        Assert.Equal([2, 5, 8], outputs.TokenEmbeddings.shape);
        Assert.Equal(3, outputs.HiddenStates.Count);
        Assert.All(outputs.HiddenStates, state => Assert.Equal([2, 5, 8], state.shape));
        Assert.Equal(2, outputs.Attentions.Count);
        Assert.All(outputs.Attentions, attention => Assert.Equal([2, 2, 5, 5], attention.shape));
        Assert.Same(outputs.HiddenStates[^1], outputs.TokenEmbeddings);
        Assert.Equal(TinyBert.All, network.AvailableOutputs);
    }

    [Theory] // a fused kernel without attentions, the operators with them
    [InlineData(BertPooling.Cls, false)]
    [InlineData(BertPooling.Pooler, true)]
    [InlineData(BertPooling.Mean, false)]
    [InlineData(BertPooling.Mean, true)]
    public void Padding_changes_no_output_of_a_token(BertPooling pooling, bool attentions)
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New(TinyBert.Options with { Pooling = pooling });
        var wanted = Output.Logits | Output.Embedding | Output.HiddenStates | Output.TokenEmbeddings
            | (attentions ? Output.Attentions : OutputSet.None);
        var (tight, wide) = (network.Forward(TinyBert.Texts(3, 6), wanted),
            network.Forward(TinyBert.Texts(3, 6, padding: 5), wanted));
        Same(tight.Logits, wide.Logits);
        Same(tight.Embedding, wide.Embedding);
        foreach (var (one, other) in tight.HiddenStates.Zip(wide.HiddenStates)) Same(one, other[.., ..6]);
        if (!attentions) return;

        foreach (var (one, other) in tight.Attentions.Zip(wide.Attentions))
        {
            Same(one, other[.., .., ..6, ..6]);
            Assert.Equal(0, other[.., .., .., 6..].abs().max().ToSingle());
        }

        static void Same(Tensor expected, Tensor actual) =>
            Assert.InRange((expected - actual).abs().max().ToDouble(), 0, 1e-6);
    }

    [Fact]
    public void What_the_padding_holds_reaches_no_output_and_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var texts = TinyBert.Texts(3, 6, padding: 2);
        var (clean, first) = Run(texts.InputIds);
        var (dirty, second) = Run(texts.InputIds.where(texts.AttentionMask.ne(0), 29));
        Assert.True(clean.equal(dirty).all().ToBoolean());
        Assert.True(first.equal(second).all().ToBoolean());

        (Tensor Logits, Tensor Gradient) Run(Tensor ids)
        {
            network.zero_grad();
            var changed = new Inputs([("input_ids", ids), .. texts.Parts.Skip(1)]);
            var logits = network.Forward(changed, Output.Logits).Logits;
            logits.square().sum().backward();
            var gradient = network.get_parameter("bert.encoder.layer.0.attention.self.query.weight")!.grad!;
            return (logits.detach(), gradient.clone());
        }
    }

    [Fact]
    public void Attentions_of_a_token_sum_to_1_over_the_real_tokens()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var texts = TinyBert.Texts(4, 7, padding: 2);
        var real = texts.AttentionMask.unsqueeze(1).unsqueeze(1);                               // [B, 1, 1, T]
        foreach (var attention in network.Forward(texts, Output.Attentions).Attentions)
        {
            Assert.Equal(0, attention.mul(1 - real).abs().max().ToSingle());
            Assert.InRange((attention.mul(real).sum(-1) - 1).abs().max().ToDouble(), 0, 1e-6);
            Assert.InRange(attention.std().ToDouble(), 0.01, 1);                                // not all alike
        }
    }

    [Fact]
    public void The_fused_kernel_and_the_operators_give_the_same_outputs_and_gradients()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var (fused, first) = Run(Output.Logits);
        var (stepwise, second) = Run(Output.Logits | Output.Attentions);
        Assert.InRange((fused - stepwise).abs().max().ToDouble(), 0, 1e-6);
        Assert.All(first.Zip(second), pair => Assert.True(pair.First.allclose(pair.Second, 1e-4, 1e-6)));

        (Tensor Logits, List<Tensor> Gradients) Run(OutputSet wanted)
        {
            network.zero_grad();
            var logits = network.Forward(TinyBert.Texts(3, 6), wanted).Logits;
            logits.square().sum().backward();
            return (logits.detach(), [.. network.parameters().Select(parameter => parameter.grad!.clone())]);
        }
    }

    [Fact]
    public void Data_without_token_types_are_of_type_0()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        var texts = TinyBert.Texts(2, 5);
        var zeros = new Inputs(
            [.. texts.Parts.Take(2), ("token_type_ids", torch.zeros_like(texts.InputIds))]);
        var without = network.Forward(new([.. texts.Parts.Take(2)]), Output.Logits).Logits;
        Assert.True(without.equal(network.Forward(zeros, Output.Logits).Logits).all().ToBoolean());
        Assert.False(without.allclose(network.Forward(texts, Output.Logits).Logits));
    }

    [Fact] // two steps of the same text differ in training, and attentions are those before dropout
    public void Dropout_is_of_training_alone()
    {
        using var scope = NewDisposeScope();
        using var network = TinyBert.New(TinyBert.Options with { Dropout = 0, AttentionDropout = 0.5 });
        network.train();
        var one = network.Forward(TinyBert.Texts(2, 6), Output.Logits | Output.Attentions);
        var other = network.Forward(TinyBert.Texts(2, 6), Output.Logits | Output.Attentions);
        Assert.False(one.Logits.allclose(other.Logits));
        Assert.True(one.Attentions[0].equal(other.Attentions[0]).all().ToBoolean());
        Assert.InRange((one.Attentions[0].sum(-1) - 1).abs().max().ToDouble(), 0, 1e-6);
        network.eval();
        Assert.True(Again().equal(Again()).all().ToBoolean());

        Tensor Again() => network.Forward(TinyBert.Texts(2, 6), Output.Logits).Logits;
    }

    [Fact]
    public void Other_data_and_longer_texts_are_refused()
    {
        Assert.Equal(
            "bert takes token ids (input_ids and attention_mask); the data has pixel_values: choose another network.",
            Refused(Golden.Info([1, 28, 28], 3)));
        var info = TinyBert.Info();
        Assert.Equal(
            "bert takes input_ids, attention_mask and token_type_ids alone; the data has features too.",
            Refused(info with { Inputs = [.. info.Inputs, TensorSpec.Features(3)] }));
        Assert.Equal(
            "bert needs the number of token ids, and the data's input_ids state none (vocabulary).",
            Refused(info with { Inputs = [info.Inputs[0] with { Vocabulary = null }, info.Inputs[1]] }));
        Assert.Equal(
            "bert has positions for 20 tokens, and the data's longest text has 21: cut the texts, or choose a network "
            + "with more positions.",
            Refused(info with { Inputs = [TensorSpec.Tokens("input_ids", 21, 30), info.Inputs[1]] }));
        using var scope = NewDisposeScope();
        using var network = TinyBert.New();
        Assert.Equal(
            "bert has positions for 20 tokens; a text of 21 came.",
            Assert.Throws<ArgumentException>(() => network.Forward(TinyBert.Texts(1, 21), Output.Logits)).Message);

        static string Refused(DatasetInfo info) =>
            Assert.Throws<InvalidOperationException>(() => TinyBert.Options.Build(info)).Message;
    }

    [Theory]
    [InlineData(
        "student.hiddenSize must be a multiple of heads, 3; it is 128.", """{ "name": "bert", "heads": 3 }""")]
    [InlineData("student.layers must be at least 1; it is 0.", """{ "name": "bert", "layers": 0 }""")]
    [InlineData(
        "student.dropout must be at least 0 and less than 1; it is 1.", """{ "name": "bert", "dropout": 1 }""")]
    [InlineData(
        "student.takeLayers must be at least 0; it is -1.",
        """{ "name": "bert-pretrained", "path": "x", "takeLayers": [-1] }""")]
    [InlineData("student.path is missing", """{ "name": "bert-pretrained" }""")]
    public void A_recipe_states_the_rule_and_what_came(string sentence, string json) =>
        Assert.Contains(
            sentence, Assert.Throws<InvalidDataException>(() => Golden.Options(json)).Message,
            StringComparison.Ordinal);
}
