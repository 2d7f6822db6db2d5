using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>One network's training: network, loss, teacher, data, length, and the folder of its files.</summary>
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
    /// Builds the loss for the network; called after the seed is set again, so that its random numbers change nothing of
    /// the network.
    /// </summary>
    public required Func<Network, DistillationLoss> Method { get; init; }

    /// <summary>Null where the method needs no teacher.</summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>The teacher's predictions on validation, where the task's scores need them.</summary>
    public Predictions? TeacherValidation { get; init; }

    /// <summary>The training split.</summary>
    public required IDataSplit Data { get; init; }

    /// <summary>
    /// Sizes of the sources that <see cref="Data"/> concatenates, where every batch takes its share of each; null: one.
    /// </summary>
    public IReadOnlyList<int>? Parts { get; init; }

    /// <summary>Where the best epoch is selected.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>Optimizer, schedule and the like.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Steps in all: the same for control and student, however much of the data each may use.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// Steps after which to stop and save, so that a later training of the same configuration goes on from there: whole
    /// epochs; null trains to the end.
    /// </summary>
    public long? Until { get; init; }

    /// <summary>Steps between two validations.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>The seed of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>Of the resolved recipe: a checkpoint of another one is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>The device of network, method and batches; the teacher must be there already.</summary>
    public Device? Device { get; init; }

    /// <summary>Times epochs and the pauses between checkpoints.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Hears of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>The network on its device, the weights of convolutions in its memory format; activations follow them.</summary>
    internal Network MakeNetwork()
    {
        var network = ModuleFactory.Create(Build);
        network.to(Device ?? CPU).ToMemoryFormat(network.PreferredFormat);
        return network;
    }

    /// <summary>The loss, its state on the device, owned by no scope.</summary>
    internal DistillationLoss MakeMethod(Network student)
    {
        using var scope = NewDisposeScope();
        var method = Method(student);
        foreach (var tensor in (method.State?.to(Device ?? CPU).state_dict() ?? []).Values)
            tensor.DetachFromDisposeScope();
        return method;
    }
}
