using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Where a procedure's loop stands.</summary>
sealed record LoopState
{
    /// <summary>The recipe that the checkpoint belongs to.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>Intra-op threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }
}

/// <summary>A loop of a procedure's own that can be stopped at any step and goes on to the same bits.</summary>
sealed class ResumableLoop
{
    /// <summary>The loop's name, for progress and messages.</summary>
    public required string Part { get; init; }

    /// <summary>The folder of its checkpoint.</summary>
    public required string Folder { get; init; }

    /// <summary>Of the resolved recipe: a checkpoint of another one is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>The seed of libtorch's generator.</summary>
    public required int Seed { get; init; }

    /// <summary>At least so many seconds between two checkpoints.</summary>
    public required double CheckpointSeconds { get; init; }

    /// <summary>Times the pauses between checkpoints.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Hears of steps.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    string CheckpointPath => Path.Combine(Folder, Checkpoint.FileName);

    /// <summary>Runs the steps that are not done. Cancelled, it saves a checkpoint first.</summary>
    public void Run(LoopRequest request, CancellationToken token)
    {
        Directory.CreateDirectory(Folder);
        RandomStream.SeedTorch(Seed, StreamKey.Training);
        var step = Resume(request);
        var saved = Clock.GetTimestamp();
        var told = saved;
        while (step < request.Steps)
        {
            if (token.IsCancellationRequested) Save(request, step);
            token.ThrowIfCancellationRequested();
            double loss;
            using (NewDisposeScope()) loss = request.Step(step);
            step++;
            if (!double.IsFinite(loss)) throw new DivergedException(
                $"{Part}: the loss is no longer a finite number at step {step} of {request.Steps}. "
                + "A lower training.learningRate or a training.maxGradientNorm usually helps.");
            if (step == request.Steps || Clock.GetElapsedTime(told).TotalSeconds >= 0.1)
            {
                Progress?.Report(new(Part, step, request.Steps, 0, 0, loss, null));
                told = Clock.GetTimestamp();
            }
            if (step < request.Steps && Clock.GetElapsedTime(saved).TotalSeconds < CheckpointSeconds) continue;

            Save(request, step);
            saved = Clock.GetTimestamp();
        }
    }

    void Save(LoopRequest request, long step)
    {
        using var scope = NewDisposeScope();
        var state = new LoopState { RecipeHash = RecipeHash, Threads = get_num_threads(), Step = step };
        var tensors = request.State().Append(KeyValuePair.Create("random", random.get_rng_state())).ToList();
        if (Checkpoint.NotFinite(tensors.Select(pair => (pair.Key, pair.Value))) is { } name)
            throw new DivergedException($"{Part}: '{name}' is no longer finite at step {step} of {request.Steps}.");
        Checkpoint.Write(CheckpointPath, tensors, state);
    }

    long Resume(LoopRequest request)
    {
        if (!File.Exists(CheckpointPath)) return 0;

        using var scope = NewDisposeScope();
        var (tensors, state) = Checkpoint.Read<LoopState>(CheckpointPath);
        Checkpoint.CheckOwner(CheckpointPath, state.RecipeHash, RecipeHash, state.Threads, get_num_threads());
        if (state.Step < 0 || state.Step > request.Steps) throw new InvalidDataException(
            $"{CheckpointPath} stands at step {state.Step}; this loop has {request.Steps}.");
        using var generator = random.get_rng_state();
        Checkpoint.Load(request.State().Append(KeyValuePair.Create("random", generator)), tensors, CheckpointPath);
        Checkpoint.RestoreGenerator(generator, CheckpointPath);
        return state.Step;
    }
}
