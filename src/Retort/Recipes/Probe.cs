using Retort.Teachers;
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

    /// <summary>Asks a teacher about an example or two, and refuses one that answers for other classes, or with no numbers.</summary>
    public static void Check(ITeacher teacher, ITrainingData data, Device device)
    {
        if (!teacher.Offers.HasFlag(Signals.Logits)) throw new InvalidOperationException(
            $"The teacher offers {teacher.Offers} and no logits, without which it can be neither learned from nor compared.");
        using var scope = NewDisposeScope();
        var batch = Few(data, device, View.Plain);
        var logits = teacher.Teach(batch, Signals.Logits).Logits;          // [B, C]
        if (logits.Dimensions != 2 || logits.shape[0] != batch.Count || logits.shape[1] != data.Facts.Classes.Count) throw new InvalidOperationException(
            $"The teacher's logits for {batch.Count} examples are [{string.Join(", ", logits.shape)}]; the data has {data.Facts.Classes.Count} classes, "
            + $"so [{batch.Count}, {data.Facts.Classes.Count}] was expected.");
        if (!logits.isfinite().all().ToBoolean()) throw new InvalidOperationException(
            "The teacher's logits have NaN or infinity in them: its weights, or the normalisation that the recipe states for it, are not usable.");
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

    /// <summary>
    /// What it costs to ask a teacher about one example: of an ensemble the sum over its members, which are asked one after
    /// another; null for one that cannot be looked into.
    /// </summary>
    public static Cost? Cost(ITeacher teacher, ITrainingData data, Device device) => teacher switch
    {
        FrozenNetwork frozen => Cost(frozen.Network, data, device),
        EnsembleTeacher together when together.Members.Select(member => Cost(member, data, device)).ToList() is var costs && costs.All(cost => cost is not null) => new()
        {
            Parameters = costs.Sum(cost => cost!.Parameters), Bytes = costs.Sum(cost => cost!.Bytes),
            MultiplyAdds = costs.Sum(cost => cost!.MultiplyAdds), ActivationBytes = costs.Max(cost => cost!.ActivationBytes),
        },
        _ => null,
    };

    /// <summary>Of whatever answers.</summary>
    public static Widths Widths(Func<Batch, Signals, Outputs> ask, Signals offers, ITrainingData data, Device device)
    {
        using var scope = NewDisposeScope();
        var found = ask(Few(data, device, new View(0, 0)), offers);        // a view that a cache has
        return new(
            offers.HasFlag(Signals.Logits) ? (int)found.Logits.shape[1] : 0,
            offers.HasFlag(Signals.Embedding) ? (int)found.Embedding.shape[1] : 0,
            offers.HasFlag(Signals.Hidden) ? [.. found.Hidden.Select(stage => (int)stage.shape[1])] : []);
    }

    static Batch Few(ITrainingData data, Device device, View view)
    {
        var prepared = new Prepared();
        data.Prepare(data.Count > 1 ? [0, 1] : [0], view, prepared);
        return prepared.ToBatch(device);
    }
}
