using Retort.Methods;
using Retort.Models;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Parts of an encoder: which layers, which heads and neurons first, whose weights and gradients.</summary>
public sealed class AdaptiveEncoderTests
{
    static readonly BertOptions s_whole = FewTokens.Whole with { Dropout = 0, AttentionDropout = 0 };

    // the lists of the authors' code: ⌊i / m⌋ for i < round(m L), and the last state
    [Theory]
    [InlineData(1, 4, "0 1 2 3", "0 1 2 3 4")]
    [InlineData(0.75, 12, "0 1 2 4 5 6 8 9 10", "0 1 2 4 5 6 8 9 10 12")]
    [InlineData(0.5, 12, "0 2 4 6 8 10", "0 2 4 6 8 10 12")]
    [InlineData(0.5, 4, "0 2", "0 2 4")]
    [InlineData(0.75, 4, "0 1 2", "0 1 2 4")]
    [InlineData(0.25, 4, "0", "0 4")]
    public void A_depth_keeps_these_layers_and_states(double depth, int layers, string kept, string states)
    {
        Assert.Equal(kept, string.Join(' ', AdaptiveEncoder.KeptLayers(depth, layers)));
        Assert.Equal(states, string.Join(' ', AdaptiveEncoder.KeptStates(depth, layers)));
    }

    [Fact] // (1² + 3²) / 2 = 5 and 0 at the token, (2² + 0) / 2 = 2 at the next; the padding does not count: 7 / 2
    public void Squared_differences_are_means_over_real_tokens_summed_over_states()
    {
        using var scope = NewDisposeScope();
        var teacher = States([0, 0, 0, 0, double.NaN, 9], [0, 0, 0, 0, 9, 9]);
        var student = States([1, 3, 2, 0, 0, double.NaN], [0, 0, 0, 0, 5, 5]);
        foreach (var state in student.HiddenStates) state.requires_grad_(true);
        using var loss = new AdaptiveEncoder.Loss(1);
        var hidden = loss.Compute(FewTokens.OneText([1, 1, 0]), teacher, student).Parts[1].Value;
        Assert.Equal(3.5, hidden.ToDouble(), 12);

        // d/ds of (3² + …) / 4 at the second number of the first token: 2 · 3 / 4
        hidden.backward();
        var gradient = student.HiddenStates[0].grad!;
        Assert.Equal(1.5, gradient[0, 0, 1].ToDouble(), 12);
        Assert.Equal(0, gradient[0, 2].abs().sum().ToDouble(), 12);

        static Outputs States(params double[][] states) => new()
        {
            Logits = zeros(1, 2),
            HiddenStates = [.. states.Select(state => tensor(state, [1, 3, 2]))],
        };
    }

    [Fact]
    public void The_terms_are_the_cross_entropy_and_the_weighted_differences_of_all_states()
    {
        using var scope = NewDisposeScope();
        var (teacher, student) = (FewTokens.Outputs(6, gradient: false), FewTokens.Outputs(6, gradient: true));
        using var loss = new AdaptiveEncoder.Loss(0.1);
        var terms = loss.Compute(FewTokens.Batch(), teacher, student);
        Assert.Equal(["soft", "hidden"], terms.Parts.Select(part => part.Name));
        var expected = Enumerable.Range(0, 3).Sum(
            k => (double)student.HiddenStates[k].sub(teacher.HiddenStates[k]).Squared().mean().ToSingle());
        Assert.Equal(0.1 * expected, terms.Parts[1].Value.ToSingle(), 1e-5);
    }

    // a head's factor m changes the loss by ∂L / ∂m: compared with (L(1 + h) − L(1 − h)) / 2h
    [Fact]
    public void A_heads_importance_is_the_derivative_by_a_factor_of_its_output()
    {
        using var scope = NewDisposeScope();
        using var whole = Whole();
        var (batch, encoder) = (FewTokens.Batch(), s_whole.Encoder());
        var importance = new AdaptiveEncoder.Importance(whole, encoder);
        importance.Add(batch, FewTokens.MethodContext.Task);
        importance.Add(batch, FewTokens.MethodContext.Task);               // the same once more: twice as important
        var columns = whole.state_dict()[encoder.LayerPrefix + "1." + encoder.HeadColumns];
        for (var head = 0; head < 4; head++)
        {
            const double step = 0.05;
            var expected = Math.Abs(Loss(1 + step) - Loss(1 - step)) / (2 * step);
            Assert.Equal(2 * expected, importance.Heads(1)[head], 2e-4);

            double Loss(double factor)
            {
                using var frozen = no_grad();
                var own = columns.narrow(1, head * 4, 4);
                using var before = own.clone();
                own.copy_(before.Times(factor));
                var loss = FewTokens.MethodContext.Task
                    .SupervisedLoss(batch, whole.Forward(batch.Inputs, Output.Logits)).ToSingle();
                own.copy_(before);
                return loss;
            }
        }
    }

    [Fact]
    public void Sorting_by_importance_leaves_the_outputs_and_puts_the_most_important_first()
    {
        using var scope = NewDisposeScope();
        using var whole = Whole();
        var batch = FewTokens.Batch();
        var before = whole.Forward(batch.Inputs, Output.Logits).Logits.ToFloatArray();
        var importance = new AdaptiveEncoder.Importance(whole, s_whole.Encoder());
        importance.Add(batch, FewTokens.MethodContext.Task);
        importance.Reorder();
        Close(before, whole.Forward(batch.Inputs, Output.Logits).Logits.ToFloatArray());

        var sorted = new AdaptiveEncoder.Importance(whole, s_whole.Encoder());
        sorted.Add(batch, FewTokens.MethodContext.Task);
        foreach (var layer in Enumerable.Range(0, 4))
        {
            Assert.Equal(
                importance.Heads(layer).OrderDescending().Select(Rounded), sorted.Heads(layer).Select(Rounded));
            Assert.Equal(
                importance.Neurons(layer).OrderDescending().Select(Rounded), sorted.Neurons(layer).Select(Rounded));
        }

        static double Rounded(double value) => Math.Round(value, 5);
    }

    // without the columns that read a head or a neuron, it is as if it were not there
    [Fact]
    public void A_narrow_part_gives_what_the_whole_gives_without_the_other_heads_and_neurons()
    {
        using var scope = NewDisposeScope();
        using var whole = Whole();
        var encoder = s_whole.Encoder();
        using var cut = Cut(whole, width: 0.5, depth: 1);
        Assert.Equal([8, 16], cut.Network.state_dict()["bert.encoder.layer.0.attention.self.query.weight"].shape);
        using (no_grad())
            foreach (var layer in Enumerable.Range(0, 4))
            {
                var state = whole.state_dict();
                state[$"{encoder.LayerPrefix}{layer}.{encoder.HeadColumns}"].narrow(1, 8, 8).zero_();
                state[$"{encoder.LayerPrefix}{layer}.{encoder.NeuronColumns}"].narrow(1, 8, 8).zero_();
            }
        var all = Output.Logits | Output.HiddenStates | Output.Embedding;
        var batch = FewTokens.Batch();
        var (expected, found) = (whole.Forward(batch.Inputs, all), cut.Network.Forward(batch.Inputs, all));
        foreach (var key in all.Keys)
            foreach (var (one, other) in expected.Layers(key).Zip(found.Layers(key)))
                Close(one.ToFloatArray(), other.ToFloatArray());
    }

    [Fact] // layers 0 and 2 of 4: the first state is the whole's, and the weights of its second layer are of layer 2
    public void A_shallow_part_has_the_weights_of_the_layers_that_are_kept()
    {
        using var scope = NewDisposeScope();
        using var whole = Whole();
        using var cut = Cut(whole, width: 1, depth: 0.5);
        var batch = FewTokens.Batch();
        Close(whole.Forward(batch.Inputs, Output.HiddenStates).HiddenStates[1].ToFloatArray(),
            cut.Network.Forward(batch.Inputs, Output.HiddenStates).HiddenStates[1].ToFloatArray());
        Assert.Equal(
            whole.state_dict()["bert.encoder.layer.2.output.dense.weight"].ToFloatArray(),
            cut.Network.state_dict()["bert.encoder.layer.1.output.dense.weight"].ToFloatArray());
        Assert.Equal(2, ((BertOptions)Part(1, 0.5).Model).Layers);
    }

    [Fact]
    public void Gradients_of_parts_add_up_in_the_whole()
    {
        using var scope = NewDisposeScope();
        using var whole = Whole();
        using var full = Cut(whole, width: 1, depth: 1);
        using var small = Cut(whole, width: 0.5, depth: 0.5);
        const string name = "bert.encoder.layer.2.intermediate.dense.weight";     // the small part's layer 1
        var ofFull = Backward(full, "bert.encoder.layer.2.intermediate.dense.weight");
        var ofSmall = Backward(small, "bert.encoder.layer.1.intermediate.dense.weight");
        full.AddGradientsTo(whole);
        small.AddGradientsTo(whole);
        var sum = whole.named_parameters().Single(one => one.name == name).parameter.grad!;
        Close(ofFull.narrow(0, 0, 8).add(ofSmall).ToFloatArray(), sum.narrow(0, 0, 8).ToFloatArray());
        Close(ofFull.narrow(0, 8, 8).ToFloatArray(), sum.narrow(0, 8, 8).ToFloatArray());
        Assert.All(small.Network.parameters(), parameter => Assert.Null(parameter.grad));

        static Tensor Backward(AdaptiveEncoder.Cut cut, string parameter)
        {
            var batch = FewTokens.Batch();
            batch.CrossEntropy(cut.Network.Forward(batch.Inputs, Output.Logits).Logits).backward();
            return cut.Network.named_parameters().Single(one => one.name == parameter).parameter.grad!.clone();
        }
    }

    static Network Whole()
    {
        manual_seed(7);
        var network = ModuleFactory.Create(() => s_whole.Build(FewTokens.Data.Info));
        network.eval();
        return network;
    }

    static AdaptiveEncoder.Part Part(double width, double depth) =>
        AdaptiveEncoder.PartsOf(s_whole.Encoder(), [width], [depth]).Single();

    static AdaptiveEncoder.Cut Cut(Network whole, double width, double depth)
    {
        var part = Part(width, depth);
        var cut = new AdaptiveEncoder.Cut(part, ModuleFactory.Create(() => part.Model.Build(FewTokens.Data.Info)));
        cut.Network.eval();
        cut.CopyFrom(whole);
        return cut;
    }

    static void Close(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (one, other) in expected.Zip(found)) Assert.Equal(one, other, 1e-6f);
    }
}
