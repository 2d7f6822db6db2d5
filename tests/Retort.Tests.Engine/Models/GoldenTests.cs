using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Tests.Models;

/// <summary>
/// Each family against the same network in python3-torch, with the same weights (tools/golden/models.py).
/// </summary>
public sealed class GoldenTests
{
    /// <summary>Of 32 bits against 64, in answers.</summary>
    const double Rounding = 2e-4;

    /// <summary>
    /// Of gradients. A number that is zero but for rounding passes a ReLU or does not, which moves the gradients of
    /// mobilenet-v2 by a hundredth: python3-torch in 32 bits is .011 from itself in 64.
    /// </summary>
    const double Kinks = 2e-2;

    /// <summary>The same of the deepest network, of which python3-torch in 32 bits is .025 from itself in 64.</summary>
    const double KinksOfTheDeepest = 0.1;

    public static TheoryData<string> Networks => [.. Golden.Names];

    public static TheoryData<string, bool> Modes =>
        new(Golden.Names.SelectMany(name => new[] { (name, false), (name, true) }));

    [Theory, MemberData(nameof(Networks))]
    public void Its_keys_shapes_and_parameters_are_those_of_python(string name)
    {
        var golden = new Golden(name);
        using var network = golden.Network();
        var keys = network.state_dict()
            .Select(pair => string.Join(' ', [pair.Key, .. pair.Value.shape]))
            .Order(StringComparer.Ordinal);
        Assert.Equal(golden.Keys, keys);
        Assert.Equal(golden.Parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory, MemberData(nameof(Modes))]
    public void Its_forward_and_gradient_are_those_of_python(string name, bool training)
    {
        using var scope = torch.NewDisposeScope();
        var golden = new Golden(name);
        using var network = golden.Network();
        Golden.Fill(network);
        network.train(training);

        const int batch = 6;
        long[] shape = [batch, .. golden.Shape];
        var pixels = Golden.Noise(1000, shape.Aggregate(1L, (product, size) => product * size)).ToTensor(shape);
        var answer = network.Forward(
            new(("pixel_values", pixels)), Output.Logits | Output.Embedding | Output.HiddenStates);
        var lesson = Golden.Noise(2000, batch * golden.Classes).ToTensor(batch, golden.Classes);
        var loss = (answer.Logits * lesson).sum() / batch + answer.Embedding.square().mean();
        foreach (var map in answer.HiddenStates) loss += map.square().mean();
        loss.backward();

        var expected = golden.Of(training);
        Close((double)expected["loss"]!, loss.ToDouble(), Math.Abs((double)expected["loss"]!), "loss");
        var logits = expected["logits"].Deserialize<double[]>()!;
        var found = answer.Logits.detach().contiguous().data<float>().ToArray();
        for (var i = 0; i < logits.Length; i++) Close(logits[i], found[i], logits.Max(Math.Abs), $"logits[{i}]");
        Near(expected["embedding"].Deserialize<double[]>()!, answer.Embedding, "embedding");
        MapsAre(expected["hidden"]!.AsArray(), answer.HiddenStates);

        var kinks = golden.Recipe.Contains("50", StringComparison.Ordinal) ? KinksOfTheDeepest : Kinks;
        var gradients = expected["gradients"].Deserialize<Dictionary<string, double[]>>()!;
        var largest = gradients.Values.Max(measured => measured[0]);
        foreach (var (key, parameter) in network.named_parameters())
            Near(gradients[key], parameter.grad!, $"gradient of {key}", kinks, largest);
        if (!training) return;
        var running = golden.Running;
        foreach (var (key, buffer) in network.named_buffers()
            .Where(pair => !pair.name.EndsWith("tracked", StringComparison.Ordinal)))
            Near(running[key], buffer, key);
    }

    static void MapsAre(JsonArray expected, IReadOnlyList<Tensor> found)
    {
        Assert.Equal(expected.Count, found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            Assert.Equal(expected[i]!["shape"].Deserialize<long[]>()!, found[i].shape);
            Near(expected[i]!["measured"].Deserialize<double[]>()!, found[i], $"hidden[{i}]");
        }
    }

    // a gradient that is zero but for rounding (a bias before a norm) is measured against the largest one
    static void Near(double[] expected, Tensor tensor, string what, double tolerance = Rounding, double largest = 0)
    {
        var (length, product) = Golden.Measured(tensor);
        var scale = Math.Max(expected[0], 1e-2 * largest);
        Close(expected[0], length, scale, $"length of {what}", tolerance);
        Close(expected[1], product, scale, $"product of {what}", tolerance);
    }

    static void Close(double expected, double found, double scale, string what, double tolerance = Rounding) =>
        Assert.True(
            Math.Abs(expected - found) <= tolerance * scale, $"{what}: {expected:g8} was expected, {found:g8} came.");
}
