using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Computes a method's loss terms on examples that are not trained on.</summary>
static class HeldOutLoss
{
    /// <summary>
    /// The mean over a split's examples of each term, in eval mode and without gradient. The modes of network and
    /// method and the state of libtorch's generator are restored.
    /// </summary>
    /// <param name="method">The loss, with the state that its training left. It must need no moving average.</param>
    /// <param name="network">The network, on the device.</param>
    /// <param name="teacher">The teacher's outputs for a batch of these positions in the split.</param>
    /// <param name="source">Split, size of batches, and device.</param>
    /// <param name="token">Stops it.</param>
    public static Dictionary<string, double> Terms(DistillationLoss method, Network network,
        Func<Batch, int[], Outputs> teacher, HeldOutSource source, CancellationToken token = default)
    {
        using var noGrad = no_grad();
        using var generator = random.get_rng_state();
        var (isTraining, isMethodTraining) = (network.training, method.State?.training ?? false);
        network.eval();
        method.State?.eval();
        var sums = new Dictionary<string, double>();
        var batch = new HostBatch();
        var number = 0;
        foreach (var positions in Evaluator.Order(source.Split).Chunk(source.BatchSize))
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            source.Split.Load(positions, View.Plain, batch);
            var loaded = batch.ToBatch(source.Device, new(source.Seed, StreamKey.Evaluation, number++));
            var student = network.Forward(loaded.Inputs, method.Requires.Student);
            foreach (var (name, value) in method.Compute(loaded, teacher(loaded, positions), student).Parts)
                sums[name] = sums.GetValueOrDefault(name) + (double)value.ToSingle() * positions.Length;
        }
        network.train(isTraining);
        method.State?.train(isMethodTraining);
        random.set_rng_state(generator);
        return sums.ToDictionary(term => term.Key, term => term.Value / source.Split.Count);
    }
}

/// <summary>The examples on which loss terms are computed.</summary>
/// <param name="Split">The examples.</param>
/// <param name="BatchSize">The training's, since a method may compare the examples of a batch.</param>
/// <param name="Seed">The seed of what the method draws.</param>
/// <param name="Device">Where network and method are.</param>
readonly record struct HeldOutSource(IDataSplit Split, int BatchSize, int Seed, Device? Device);
