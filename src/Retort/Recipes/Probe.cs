using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Recipes;

/// <summary>What is measured on an example or two: how wide signals are (so that teachers of any kind have it), what a network costs.</summary>
static class Probe
{
    /// <summary>Of a network, in eval mode; its mode stays as it was.</summary>
    public static Widths Widths(Network network, ITrainingData data, Device device)
    {
        using var frozen = no_grad();
        var trained = network.training;
        network.eval();
        var widths = Widths((batch, wanted) => network.Forward(batch.Inputs, wanted), network.Offers, data, device);
        network.train(trained);
        return widths;
    }

    /// <summary>What one example costs a network in inference.</summary>
    public static Cost Cost(Network network, ITrainingData data, Device device)
    {
        using var scope = NewDisposeScope();
        var prepared = new Prepared();
        data.Prepare([0], View.Plain, prepared);
        var inputs = prepared.ToBatch(device).Inputs;
        return Tensors.Cost.Of(network, [.. inputs.Parts.Select(part => part.Value)], () => [network.Forward(inputs, Signals.Logits).Logits]);
    }

    /// <summary>Of whatever answers.</summary>
    public static Widths Widths(Func<Batch, Signals, Outputs> ask, Signals offers, ITrainingData data, Device device)
    {
        using var scope = NewDisposeScope();
        var prepared = new Prepared();
        data.Prepare(data.Count > 1 ? [0, 1] : [0], View.Plain, prepared);
        var found = ask(prepared.ToBatch(device), offers);
        return new(
            offers.HasFlag(Signals.Logits) ? (int)found.Logits.shape[1] : 0,
            offers.HasFlag(Signals.Embedding) ? (int)found.Embedding.shape[1] : 0,
            offers.HasFlag(Signals.Hidden) ? [.. found.Hidden.Select(stage => (int)stage.shape[1])] : []);
    }
}
