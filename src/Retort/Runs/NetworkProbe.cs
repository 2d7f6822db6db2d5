using Retort.Teachers;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Runs;

/// <summary>Measurements on one or two examples: shapes of outputs, of teachers of any kind too, and costs.</summary>
static class NetworkProbe
{
    /// <summary>The shapes of a network's outputs, in eval mode; its mode is restored.</summary>
    public static OutputShapes Shapes(Network network, IDataSplit data, Device device)
    {
        using var noGrad = no_grad();
        var wasTraining = network.training;
        network.eval();
        var shapes = Shapes(
            (batch, wanted) => network.Forward(batch.Inputs, wanted), network.AvailableOutputs, data, device);
        network.train(wasTraining);
        return shapes;
    }

    /// <summary>The shapes of a teacher's outputs.</summary>
    public static OutputShapes Shapes(ITeacher teacher, IDataSplit data, Device device) =>
        Shapes(teacher.Forward, teacher.AvailableOutputs, data, device);

    /// <summary>What one example costs a network in inference.</summary>
    public static Cost Cost(Network network, LearningTask task, IDataSplit data, Device device)
    {
        using var scope = NewDisposeScope();
        var inputs = FirstExamples(data, device, View.Plain, count: 1).Inputs;
        return Tensors.Cost.Of(network, [.. inputs.Parts.Select(part => part.Value)],
            () => [network.Forward(inputs, task.Output)[task.Output]]);
    }

    /// <summary>
    /// What one example costs a teacher: of an ensemble the sum over its members, which run one after another. Null for
    /// a teacher that cannot be inspected.
    /// </summary>
    public static InferenceCost? Cost(ITeacher teacher, LearningTask task, IDataSplit data, Device device)
    {
        if (teacher is NetworkTeacher network)
        {
            var cost = Cost(network.Network, task, TeacherSplit.Of(data), device);
            return new(cost.Parameters, cost.Bytes, cost.MultiplyAdds, cost.ActivationBytes);
        }
        if (teacher is not EnsembleTeacher ensemble) return teacher.CountCost();

        var costs = ensemble.Members.Select(member => Cost(member, task, data, device))
            .OfType<InferenceCost>().ToList();
        return costs.Count < ensemble.Members.Count ? null : new(
            costs.Sum(cost => cost.Parameters),
            costs.Sum(cost => cost.Bytes),
            costs.Any(cost => cost.MultiplyAdds is null) ? null : costs.Sum(cost => cost.MultiplyAdds),
            costs.Any(cost => cost.ActivationBytes is null) ? null : costs.Max(cost => cost.ActivationBytes));
    }

    static OutputShapes Shapes(
        Func<Batch, OutputSet, Outputs> forward, OutputSet available, IDataSplit data, Device device)
    {
        using var scope = NewDisposeScope();
        var outputs = forward(FirstExamples(data, device, new View(0, 0)), available);     // a view that a cache has
        return new(available.Keys.ToDictionary(
            key => key, key => (IReadOnlyList<long[]>)[.. outputs.Layers(key).Select(layer => layer.shape[1..])]));
    }

    /// <summary>The first examples of a split, or all where it has fewer.</summary>
    public static Batch FirstExamples(IDataSplit data, Device device, View view, int count = 2)
    {
        var batch = new HostBatch();
        data.Load([.. Enumerable.Range(0, Math.Min(count, data.Count))], view, batch);
        return batch.ToBatch(device);
    }
}
