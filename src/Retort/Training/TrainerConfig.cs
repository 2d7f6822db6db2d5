using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>
/// The configuration of one training: network, loss, teacher, data, steps, and the folder of its files.
/// </summary>
public sealed record TrainerConfig
{
    /// <summary>The training's name, for progress and messages.</summary>
    public required string Part { get; init; }

    /// <summary>The folder of checkpoint and <c>metrics.jsonl</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>What is learned: validation selects by its scores.</summary>
    public required LearningTask Task { get; init; }

    /// <summary>Builds the network; called after seeding, so that equal seeds give equal weights.</summary>
    public required Func<Network> Build { get; init; }

    /// <summary>
    /// Builds the loss for the network; called after the seed is set again, so that its random numbers do not depend on
    /// the network's.
    /// </summary>
    public required Func<Network, DistillationLoss> Method { get; init; }

    /// <summary>The teacher; null where the method needs none.</summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>The teacher's predictions on validation, where the task's scores need them.</summary>
    public Predictions? TeacherValidation { get; init; }

    /// <summary>The training split.</summary>
    public required IDataSplit Data { get; init; }

    /// <summary>
    /// The sizes of the sources that <see cref="Data"/> concatenates, where every batch takes its share of each; null
    /// for one source.
    /// </summary>
    public IReadOnlyList<int>? Parts { get; init; }

    /// <summary>The split on which the best epoch is selected.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>Optimizer, scheduler, batch size and the like.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Steps in all: the same for control and student, even where the control gets less of the data.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// Steps after which to stop and save, a whole number of epochs; a later training with the same configuration
    /// continues from there. Null trains to the end.
    /// </summary>
    public long? Until { get; init; }

    /// <summary>Steps between two validations.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>The seed of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>The hash of the resolved recipe: a checkpoint of another recipe is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>The device of network, method and batches; the teacher must be there already.</summary>
    public Device? Device { get; init; }

    /// <summary>Times epochs and the intervals between checkpoints.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Receives the progress of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Builds the network on its device, with the weights of convolutions in its preferred memory format.
    /// </summary>
    internal Network MakeNetwork()
    {
        var network = ModuleFactory.Create(Build);
        network.to(Device ?? CPU).ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    /// <summary>Builds the loss with its state on the device, owned by no dispose scope.</summary>
    internal DistillationLoss MakeMethod(Network student)
    {
        using var scope = NewDisposeScope();
        var method = Method(student);
        foreach (var tensor in (method.State?.to(Device ?? CPU).state_dict() ?? []).Values)
            tensor.DetachFromDisposeScope();
        return method;
    }
}
