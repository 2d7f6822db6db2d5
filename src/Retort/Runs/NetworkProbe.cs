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

    /// <summary>
    /// Runs a teacher on one or two examples. Refuses one without the task's output, with another width than the data
    /// has classes, or with NaN or infinity.
    /// </summary>
    public static void Check(ITeacher teacher, LearningTask task, IDataSplit data, Device device)
    {
        if (!teacher.AvailableOutputs.Contains(task.Output)) throw new InvalidOperationException(
            $"The task \"{task.Name}\" scores {task.Output.Title}, and the teacher has {teacher.AvailableOutputs}.");

        using var scope = NewDisposeScope();
        var batch = FirstExamples(data, device, View.Plain);
        var values = teacher.Forward(batch, task.Output)[task.Output];       // [B, D]
        CheckShape(values, batch.Count, task, data.Info.Classes.Count);
        if (!values.isfinite().all().ToBoolean()) throw new InvalidOperationException(
            $"The teacher's {task.Output.Title} have NaN or infinity in them: its weights, or the normalization that "
            + "the recipe states for it, are not usable.");
    }

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
    public static Cost? Cost(ITeacher teacher, LearningTask task, IDataSplit data, Device device)
    {
        if (teacher is NetworkTeacher network) return Cost(network.Network, task, TeacherSplit.Of(data), device);
        if (teacher is not EnsembleTeacher ensemble) return null;

        var costs = ensemble.Members.Select(member => Cost(member, task, data, device)).OfType<Cost>().ToList();
        return costs.Count < ensemble.Members.Count ? null : new()
        {
            Parameters = costs.Sum(cost => cost.Parameters),
            Bytes = costs.Sum(cost => cost.Bytes),
            MultiplyAdds = costs.Sum(cost => cost.MultiplyAdds),
            ActivationBytes = costs.Max(cost => cost.ActivationBytes),
        };
    }

    static void CheckShape(Tensor values, int examples, LearningTask task, int classes)
    {
        var isLogits = task.Output == Output.Logits;
        if (values.Dimensions == 2 && values.shape[0] == examples && (!isLogits || values.shape[1] == classes)) return;

        var shape = string.Join(", ", values.shape);
        throw new InvalidOperationException(
            $"The teacher's {task.Output.Title} for {examples} examples are [{shape}]; the data "
            + (isLogits ? $"has {classes} classes, so [{examples}, {classes}] was expected."
                : $"needs [{examples}, D]."));
    }

    static OutputShapes Shapes(
        Func<Batch, OutputSet, Outputs> forward, OutputSet available, IDataSplit data, Device device)
    {
        using var scope = NewDisposeScope();
        var outputs = forward(FirstExamples(data, device, new View(0, 0)), available);     // a view that a cache has
        return new(available.Keys.ToDictionary(
            key => key, key => (IReadOnlyList<long[]>)[.. outputs.Layers(key).Select(layer => layer.shape[1..])]));
    }

    static Batch FirstExamples(IDataSplit data, Device device, View view, int count = 2)
    {
        var batch = new HostBatch();
        data.Load([.. Enumerable.Range(0, Math.Min(count, data.Count))], view, batch);
        return batch.ToBatch(device);
    }
}
