using Retort.Models;
using static TorchSharp.torch;

namespace Retort.Tests.Models;

/// <summary>Networks of distilled data: against libtorch's own layers, and worked by hand.</summary>
public sealed class WordNetworkTests
{
    [Fact]
    public void Cells_give_the_states_of_libtorchs_lstm()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var ours = Built(TextRnnOptions.CellKind.Lstm);
        using var native = nn.LSTM(5, 4, numLayers: 2, batchFirst: true, bidirectional: true);
        Copy(ours, native);
        var x = randn(3, 6, 5);
        var (states, _, _) = native.call(x, null);
        Assert.True(States(ours, x).allclose(states, 1e-5, 1e-6));
    }

    [Fact]
    public void Cells_give_the_states_of_libtorchs_rnn()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var ours = Built(TextRnnOptions.CellKind.Rnn);
        using var native = nn.RNN(5, 4, numLayers: 2, batchFirst: true, bidirectional: true);
        Copy(ours, native);
        var x = randn(3, 6, 5);
        var (states, _) = native.call(x, null);
        Assert.True(States(ours, x).allclose(states, 1e-5, 1e-6));
    }

    // window c - 2 .. c + 1: 100² + 200² = 50,000, then 100² + 200² + 300² = 140,000 twice; α/n = 0.001 / 36
    [Fact]
    public void Local_response_normalization_divides_by_a_power_of_the_neighbors_squares()
    {
        using var scope = NewDisposeScope();
        var found = AlexCifarNet.Normalized(((ReadOnlySpan<float>)[100, 200, 300]).ToTensor(1, 3, 1, 1)).ToFloatArray();
        double[] squares = [50_000, 140_000, 140_000];
        for (var c = 0; c < 3; c++)
            Assert.Equal(100 * (c + 1) / Math.Pow(1 + 0.001 / 36 * squares[c], 0.75), found[c], 1e-3);
    }

    static Network Built(TextRnnOptions.CellKind cell) => ModuleFactory.Create(() =>
        new TextRnnOptions { Cell = cell, Hidden = 4 }.Build(new()
        {
            Classes = ["a", "b"], Inputs = [TensorSpec.InputsEmbeds(6, 5)],
        }));

    static void Copy(Network ours, nn.Module native)
    {
        using var noGrad = no_grad();
        var own = ours.state_dict();
        foreach (var (name, parameter) in native.named_parameters()) parameter.copy_(own[$"rnn.{name}"]);
    }

    static Tensor States(Network network, Tensor x) =>
        network.Forward(new((InputNames.InputsEmbeds, x)), Output.HiddenStates).HiddenStates[^1];
}
