using Retort.Runtime.Metrics;
using Retort.Training;

namespace Retort.Export;

/// <summary>An exported graph held against the network that it was made from, on real inputs.</summary>
static class ExportCheck
{
    /// <summary>How many inputs are compared, where the data has as many.</summary>
    public const int Inputs = 256;

    /// <summary>What a logit may differ by, times max(1, |logit|).</summary>
    public const double Allowed = 1e-4;

    /// <summary>
    /// Compares on validation's first examples (then test's and training's, where it has too few) and returns the worst
    /// error and the number of inputs; an error beyond <see cref="Allowed"/> is refused.
    /// </summary>
    /// <exception cref="InvalidOperationException">Names the worst example and logit.</exception>
    public static (double Worst, int Count) Compare(string file, Network network, Dataset data, double temperature = 1)
    {
        using var asked = new ExportRequest(file, null, data.Info);
        var (worst, count, where) = (-1.0, 0, "");
        foreach (var (name, part) in new[] { ("validation", data.Validation), ("test", data.Test), ("training", data.Training) })
        {
            var taken = Math.Min(part.Count, Inputs - count);
            if (taken == 0) continue;
            var found = asked.Ask(part, [.. Enumerable.Range(0, taken)]).Output<float>();
            var expected = TemperatureScaling.Apply(Answer(network, asked.Prepared), temperature);
            for (var i = 0; i < expected.Length; i++)
            {
                var error = Math.Abs((double)found[i] - expected[i]) / Math.Max(1, Math.Abs((double)expected[i]));
                if (double.IsNaN(error)) error = double.PositiveInfinity;
                if (error <= worst) continue;
                var (row, logit) = (i * taken / expected.Length, i % (expected.Length / taken));
                (worst, where) = (error, FormattableString.Invariant(
                    $"for example {asked.Prepared.Ids[row]} of {name} logit {logit} is {found[i]} there and {expected[i]} in the network"));
            }
            count += taken;
        }
        return worst <= Allowed ? (worst, count) : throw new InvalidOperationException(FormattableString.Invariant(
            $"The exported graph does not answer as the network does: {where}, an error of {worst:G3} of max(1, |logit|), where {Allowed} is allowed; nothing was written."));
    }

    static float[] Answer(Network network, HostBatch prepared)
    {
        using var frozen = TorchSharp.torch.no_grad();
        using var scope = TorchSharp.torch.NewDisposeScope();
        return network.Forward(prepared.ToBatch().Inputs, Output.Logits).Logits.ToFloatArray();
    }
}
