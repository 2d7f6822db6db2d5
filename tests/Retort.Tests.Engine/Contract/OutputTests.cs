namespace Retort.Tests.Contract;

/// <summary>Outputs by key: the list of them, sets of them, and what a network returned.</summary>
public sealed class OutputTests
{
    [Fact]
    public void Each_key_is_in_its_place_with_a_name_of_its_own_and_the_batch_first()
    {
        Assert.Equal(Enumerable.Range(0, Output.All.Count), Output.All.Select(key => key.Index));
        Assert.Equal(Output.All.Count, Output.All.Select(key => key.Name).Distinct().Count());
        Assert.InRange(Output.All.Count, 1, 64);                             // bits of a set
        Assert.All(Output.All, key => Assert.All(key.Axes, form => Assert.Equal("batch", form[0])));
        Assert.All(Output.All, key => Assert.Same(key, Output.Named(key.Name)));
    }

    [Theory]
    [InlineData("hidden_states.2", "hidden_states")]
    [InlineData("attentions.0", "attentions")]
    [InlineData("logits.0", null)]
    [InlineData("logit", null)]
    [InlineData("", null)]
    public void A_layer_is_named_by_its_key_and_a_place(string name, string? key) =>
        Assert.Equal(key, Output.Named(name)?.Name);

    [Fact]
    public void Axes_go_by_the_rank()
    {
        Assert.Equal(["batch", "sequence", "width"], Output.HiddenStates.AxesOf(3));
        Assert.Equal(["batch", "channel", "height", "width"], Output.HiddenStates.AxesOf(4));
        Assert.Equal("logits must be [batch, class]; a tensor of 3 axes came.",
            Assert.Throws<InvalidDataException>(() => Output.Logits.AxesOf(3)).Message);
    }

    [Fact]
    public void Sets_are_joined_parted_and_equal_whatever_the_order()
    {
        var both = Output.Embedding | Output.Logits;
        Assert.Equal(Output.Logits | Output.Embedding, both);
        Assert.Equal([Output.Logits, Output.Embedding], both.Keys);
        Assert.True(both.Contains(Output.Embedding) && !both.Contains(Output.Attentions));
        Assert.Equal((OutputSet)Output.Embedding, both.Except(Output.Logits | Output.Attentions));
        Assert.Equal(both, both | Output.Logits);
        Assert.True(both.Except(both).IsEmpty);
    }

    [Fact]
    public void The_empty_set_is_the_default()
    {
        Assert.Equal(default, OutputSet.None);
        Assert.True(OutputSet.None.IsEmpty);
        Assert.Empty(OutputSet.None.Keys);
    }

    [Fact]
    public void Sets_read_as_a_list()
    {
        Assert.Equal("nothing", OutputSet.None.ToString());
        Assert.Equal("logits, hidden states", (Output.HiddenStates | Output.Logits).ToString());
    }

    [Fact]
    public void Only_what_was_returned_is_there()
    {
        using var scope = torch.NewDisposeScope();
        var (logits, layers) = (torch.zeros(2, 4), new[] { torch.zeros(2, 3), torch.zeros(2, 5) });
        var outputs = new Outputs { Logits = logits, HiddenStates = layers, Embedding = null };
        Assert.Equal(Output.Logits | Output.HiddenStates, outputs.Keys);
        Assert.Same(logits, outputs[Output.Logits]);
        Assert.Same(layers[1], outputs.Layers(Output.HiddenStates)[1]);
        Assert.False(outputs.Has(Output.Embedding));
        Assert.Equal("embedding was not computed: add it to the method's Requires.",
            Assert.Throws<InvalidOperationException>(() => outputs.Embedding).Message);
        Assert.Throws<InvalidOperationException>(() => outputs.Ema);
    }

    [Fact]
    public void Outputs_made_by_key_are_the_same_as_by_name()
    {
        using var scope = torch.NewDisposeScope();
        var (tokens, embedding) = (torch.zeros(2, 7, 3), torch.zeros(2, 3));
        var outputs = Outputs.From([(Output.TokenEmbeddings, [tokens]), (Output.Embedding, [embedding])]);
        Assert.Same(tokens, outputs.TokenEmbeddings);
        Assert.Same(embedding, outputs.Embedding);
        Assert.Equal(Output.Embedding | Output.TokenEmbeddings, outputs.Keys);
    }

    [Fact] // [T, D] → D, [C, H, W] → C, [D] → D
    public void Widths_are_those_of_vectors_tokens_and_maps()
    {
        var shapes = new OutputShapes(new Dictionary<OutputKey, IReadOnlyList<long[]>>
        {
            [Output.Logits] = [[10]],
            [Output.HiddenStates] = [[16, 8, 8], [12, 32], [64]],
        });
        Assert.Equal(Output.Logits | Output.HiddenStates, shapes.Keys);
        Assert.Equal((10, 0), (shapes.Width(Output.Logits), shapes.Width(Output.Embedding)));
        Assert.Equal([16, 32, 64], shapes.Widths(Output.HiddenStates));
        Assert.Empty(shapes.Widths(Output.Attentions));
        Assert.Equal("embedding is not available; available are logits, hidden states.",
            Assert.Throws<InvalidOperationException>(() => shapes[Output.Embedding]).Message);
    }
}
