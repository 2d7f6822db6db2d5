using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>One network to be trained: who learns what from whom on which data, for how long, and where it is kept.</summary>
public sealed record TrainerConfig
{
    /// <summary>The part's name, for progress; its folder's name.</summary>
    public required string Part { get; init; }

    /// <summary>Where checkpoint, weights, predictions and <c>metrics.jsonl</c> go.</summary>
    public required string Folder { get; init; }

    /// <summary>Makes the network; called after seeding, so that equal seeds give equal weights.</summary>
    public required Func<Network> Build { get; init; }

    /// <summary>
    /// Makes the loss for a network; called after the network is there and the seed is set again, so that what it draws
    /// changes nothing of the network.
    /// </summary>
    public required Func<Network, DistillationLoss> Method { get; init; }

    /// <summary>Null where the method asks nothing of a teacher.</summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>What is learned from.</summary>
    public required IDataSplit Data { get; init; }

    /// <summary>Sizes of the parts that <see cref="Data"/> is one after another, where every batch is to have its share of each; null: one.</summary>
    public IReadOnlyList<int>? Parts { get; init; }

    /// <summary>Where the best epoch is chosen.</summary>
    public required IDataSplit Validation { get; init; }

    /// <summary>How.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Steps in all: the same for control and student, whatever part of the data each may use.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// Steps after which to stop and save, so that a later training of the same job goes on from there: whole epochs;
    /// null trains to the end.
    /// </summary>
    public long? Until { get; init; }

    /// <summary>Steps between two looks at validation.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>Of initial weights, order and augmentation.</summary>
    public required int Seed { get; init; }

    /// <summary>Of the resolved recipe: a checkpoint of another one is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>Where network, method and batches are; the teacher must be there already.</summary>
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

    /// <summary>The loss, its heads on the device, owned by no scope.</summary>
    internal DistillationLoss MakeMethod(Network student)
    {
        using var scope = NewDisposeScope();
        var method = Method(student);
        foreach (var tensor in (method.State?.to(Device ?? CPU).state_dict() ?? []).Values) tensor.DetachFromDisposeScope();
        return method;
    }
}
