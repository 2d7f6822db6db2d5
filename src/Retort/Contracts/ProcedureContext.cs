using TorchSharp;

namespace Retort.Contracts;

/// <summary>What a procedure works with. Everything it trains or saves is kept over a stop and not done again.</summary>
public abstract class ProcedureContext
{
    /// <summary>The task.</summary>
    public abstract LearningTask Task { get; }

    /// <summary>The recipe's data.</summary>
    public abstract Dataset Data { get; }

    /// <summary>The split that a student of this method is trained on.</summary>
    public abstract IDataSplit Training { get; }

    /// <summary>The recipe's student.</summary>
    public abstract ModelOptions Student { get; }

    /// <summary>The recipe's teacher, cached or not; null where the recipe has none.</summary>
    public abstract ITeacher? Teacher { get; }

    /// <summary>The device of networks and batches.</summary>
    public abstract torch.Device Device { get; }

    /// <summary>The seed of the pair.</summary>
    public abstract int Seed { get; }

    /// <summary>Steps of one training by the recipe: the control's budget.</summary>
    public abstract long Steps { get; }

    /// <summary>B.</summary>
    public abstract int BatchSize { get; }

    /// <summary>A network with new weights, drawn from its own seed; the caller's.</summary>
    /// <param name="name">Distinguishes networks: equal names give equal weights.</param>
    /// <param name="model">The recipe's student unless given.</param>
    public abstract Network NewNetwork(string name, ModelOptions? model = null);

    /// <summary>The recipe's optimizer over these parameters.</summary>
    public abstract Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters);

    /// <summary>The learning rate of the recipe's scheduler at a step of so many.</summary>
    public abstract double LearningRate(long step, long steps);

    /// <summary>
    /// Trains a network to the end by the recipe's training options and returns it frozen, with the selected weights.
    /// It lives as long as the context.
    /// </summary>
    public abstract ITeacher Train(TrainRequest request);

    /// <summary>A network's or teacher's scored output on every example of a split.</summary>
    public abstract Predictions Predict(ITeacher teacher, IDataSplit split);

    /// <summary>
    /// Runs steps from 0 to <see cref="LoopRequest.Steps"/> - 1. Its state is saved now and then; after a stop it is
    /// restored and the loop goes on with the next step, to the same bits.
    /// </summary>
    public abstract void Loop(LoopRequest request);

    /// <summary>The batches of a split in the order of the pair's seed, as the trainer draws them.</summary>
    /// <param name="split">The data.</param>
    /// <param name="step">Which step, the first being 0.</param>
    public abstract Batch BatchAt(IDataSplit split, long step);

    /// <summary>Saves a network with its predictions as a stage; given predictions replace the network's own.</summary>
    public abstract void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null);

    /// <summary>Saves tensors as a named artifact: a data set, a knowledge base, a policy.</summary>
    public abstract void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors);

    /// <summary>Reads back tensors that were saved; null where they were not yet. The tensors are the scope's.</summary>
    public abstract IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact);
}

/// <summary>One training inside a procedure.</summary>
public sealed record TrainRequest
{
    /// <summary>The stage's name, and its folder's: <c>generation-0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Builds the loss.</summary>
    public required Func<MethodContext, DistillationLoss> Method { get; init; }

    /// <summary>Whose outputs the loss needs: the recipe's teacher, or a network trained before. Null: nobody's.</summary>
    public ITeacher? Teacher { get; init; }

    /// <summary>The network; the recipe's student unless given.</summary>
    public ModelOptions? Model { get; init; }

    /// <summary>Initial weights by name; drawn from the seed unless given.</summary>
    public IReadOnlyDictionary<string, Tensor>? InitialWeights { get; init; }

    /// <summary>What it is trained on; the context's training split unless given.</summary>
    public IDataSplit? Data { get; init; }

    /// <summary>Steps; the recipe's unless given.</summary>
    public long? Steps { get; init; }
}

/// <summary>A loop of a procedure's own.</summary>
public sealed record LoopRequest
{
    /// <summary>The loop's name: its checkpoint's folder in the student's.</summary>
    public required string Name { get; init; }

    /// <summary>Steps in all.</summary>
    public required long Steps { get; init; }

    /// <summary>
    /// Everything that the steps change, by name: weights, buffers, optimizer state. They are restored in place.
    /// </summary>
    public required Func<IEnumerable<KeyValuePair<string, Tensor>>> State { get; init; }

    /// <summary>One step, in a dispose scope of its own; returns the loss to show.</summary>
    public required Func<long, double> Step { get; init; }
}
