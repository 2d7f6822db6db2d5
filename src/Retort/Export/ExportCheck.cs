using Retort.Runtime.Metrics;

namespace Retort.Export;

/// <summary>Compares an exported graph with the network that it was made from, on real inputs.</summary>
static class ExportCheck
{
    /// <summary>How many examples are compared, where the data has as many.</summary>
    public const int Examples = 256;

    /// <summary>The largest difference of a number that is allowed, times max(1, |number|).</summary>
    public const double Allowed = 1e-4;

    const int BatchOfVaryingSizes = 32;                    // several, so that several padded lengths are compared

    /// <summary>
    /// Compares every output on validation's first examples, then test's and training's where it has too few. Returns
    /// the largest error and the number of examples.
    /// </summary>
    /// <param name="file">The graph.</param>
    /// <param name="network">The network, in eval mode.</param>
    /// <param name="data">The data that it was trained on.</param>
    /// <param name="outputs">The graph's outputs.</param>
    /// <param name="temperature">What the graph divides the logits by.</param>
    /// <exception cref="InvalidOperationException">An error is larger than <see cref="Allowed"/>.</exception>
    public static (double Worst, int Count) Compare(
        string file, Network network, Dataset data, OutputSet outputs, double temperature = 1)
    {
        using var graph = new ExportedGraph(file, null, data.Info);
        var (worst, count, where) = (-1.0, 0, "");
        foreach (var (name, split, positions) in Batches(data))
        {
            var run = graph.Run(split, positions);
            foreach (var expected in Expected(network, graph.Batch, outputs, temperature))
            {
                var values = run.Output(expected.Name);
                var (error, at) = Worst(expected.Values, values);
                if (error <= worst) continue;
                var width = expected.Values.Length / positions.Length;
                var (number, other) = (values[at], expected.Values[at]);
                (worst, where) = (error, Invariant(
                    $"for example {graph.Batch.Ids[at / width]} of {name} {expected.Name} {at % width} is ")
                    + Invariant($"{number} in the graph and {other} in the network"));
            }
            count += positions.Length;
        }
        return worst <= Allowed ? (worst, count) : throw new InvalidOperationException(
            $"The exported graph and the network differ: {where}, "
            + Invariant($"an error of {worst:G3} of max(1, |number|), where {Allowed} is allowed; ")
            + "nothing was written.");
    }

    static IEnumerable<(string Name, IDataSplit Split, int[] Positions)> Batches(Dataset data)
    {
        var size = data.Info.Inputs.Any(input => input.Varies) ? BatchOfVaryingSizes : Examples;
        var left = Examples;
        foreach (var (name, split) in ((string, IDataSplit)[])
            [("validation", data.Validation), ("test", data.Test), ("training", data.Training)])
        {
            var taken = Math.Min(split.Count, left);
            foreach (var positions in Enumerable.Range(0, taken).Chunk(size)) yield return (name, split, positions);
            left -= taken;
        }
    }

    static List<(string Name, float[] Values)> Expected(
        Network network, HostBatch batch, OutputSet wanted, double temperature)
    {
        using var frozen = TorchSharp.torch.no_grad();
        using var scope = TorchSharp.torch.NewDisposeScope();
        var outputs = network.Forward(batch.ToBatch().Inputs, wanted);
        return
        [
            .. from key in wanted.Keys
               from layer in outputs.Layers(key).Index()
               select (key.LayerName(layer.Index), Scaled(key, layer.Item.ToFloatArray(), temperature)),
        ];
    }

    static float[] Scaled(OutputKey key, float[] values, double temperature) =>
        key == Output.Logits ? TemperatureScaling.Apply(values, temperature) : values;

    static (double Error, int At) Worst(float[] expected, ReadOnlySpan<float> values)
    {
        if (values.Length != expected.Length) return (double.PositiveInfinity, 0);
        var (worst, at) = (-1.0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            var error = Math.Abs((double)values[i] - expected[i]) / Math.Max(1, Math.Abs((double)expected[i]));
            if (double.IsNaN(error)) error = double.PositiveInfinity;
            if (error > worst) (worst, at) = (error, i);
        }
        return (worst, at);
    }
}
