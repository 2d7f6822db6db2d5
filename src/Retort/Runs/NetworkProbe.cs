using Retort.Training;
using Retort.Recipes;
using Retort.Teachers;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>What is measured on an example or two: how wide signals are (so that teachers of any kind have it), what a network costs.</summary>
static class NetworkProbe
{
    /// <summary>Of a network, in eval mode; its mode stays as it was.</summary>
    public static OutputWidths Widths(Network network, IDataSplit data, Device device)
    {
        using var frozen = no_grad();
        var trained = network.training;
        network.eval();
        var widths = Widths((batch, wanted) => network.Forward(batch.Inputs, wanted), network.AvailableOutputs, data, device);
        network.train(trained);
        return widths;
    }

    /// <summary>Asks a teacher about an example or two, and refuses one that answers for other classes, or with no numbers.</summary>
    public static void Check(ITeacher teacher, IDataSplit data, Device device)
    {
        if (!teacher.AvailableOutputs.Contains(Output.Logits)) throw new InvalidOperationException(
            $"The teacher offers {teacher.AvailableOutputs} and no logits, without which it can be neither learned from nor compared.");
        using var scope = NewDisposeScope();
        var batch = Few(data, device, View.Plain);
        var logits = teacher.Forward(batch, Output.Logits).Logits;          // [B, C]
        if (logits.Dimensions != 2 || logits.shape[0] != batch.Count || logits.shape[1] != data.Info.Classes.Count) throw new InvalidOperationException(
            $"The teacher's logits for {batch.Count} examples are [{string.Join(", ", logits.shape)}]; the data has {data.Info.Classes.Count} classes, "
            + $"so [{batch.Count}, {data.Info.Classes.Count}] was expected.");
        if (!logits.isfinite().all().ToBoolean()) throw new InvalidOperationException(
            "The teacher's logits have NaN or infinity in them: its weights, or the normalization that the recipe states for it, are not usable.");
    }

    /// <summary>What one example costs a network in inference.</summary>
    public static Cost Cost(Network network, IDataSplit data, Device device)
    {
        using var scope = NewDisposeScope();
        var prepared = new HostBatch();
        data.Load([0], View.Plain, prepared);
        var inputs = prepared.ToBatch(device).Inputs;
        return Tensors.Cost.Of(network, [.. inputs.Parts.Select(part => part.Value)], () => [network.Forward(inputs, Output.Logits).Logits]);
    }

    /// <summary>
    /// What it costs to ask a teacher about one example: of an ensemble the sum over its members, which are asked one after
    /// another; null for one that cannot be looked into.
    /// </summary>
    public static Cost? Cost(ITeacher teacher, IDataSplit data, Device device) => teacher switch
    {
        NetworkTeacher frozen => Cost(frozen.Network, data, device),
        EnsembleTeacher together when together.Members.Select(member => Cost(member, data, device)).ToList() is var costs && costs.All(cost => cost is not null) => new()
        {
            Parameters = costs.Sum(cost => cost!.Parameters), Bytes = costs.Sum(cost => cost!.Bytes),
            MultiplyAdds = costs.Sum(cost => cost!.MultiplyAdds), ActivationBytes = costs.Max(cost => cost!.ActivationBytes),
        },
        _ => null,
    };

    /// <summary>Of whatever answers.</summary>
    public static OutputWidths Widths(Func<Batch, OutputSet, Outputs> ask, OutputSet offers, IDataSplit data, Device device)
    {
        using var scope = NewDisposeScope();
        var found = ask(Few(data, device, new View(0, 0)), offers);        // a view that a cache has
        return new(
            offers.Contains(Output.Logits) ? (int)found.Logits.shape[1] : 0,
            offers.Contains(Output.Embedding) ? (int)found.Embedding.shape[1] : 0,
            offers.Contains(Output.HiddenStates) ? [.. found.HiddenStates.Select(stage => (int)stage.shape[1])] : []);
    }

    static Batch Few(IDataSplit data, Device device, View view)
    {
        var prepared = new HostBatch();
        data.Load(data.Count > 1 ? [0, 1] : [0], view, prepared);
        return prepared.ToBatch(device);
    }
}
