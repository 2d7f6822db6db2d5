using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>A procedure's own loop. It can be stopped at any step and continues to the same bits.</summary>
sealed class ResumableLoop
{
    /// <summary>The loop's name, for progress and messages.</summary>
    public required string Part { get; init; }

    /// <summary>The folder of its checkpoint.</summary>
    public required string Folder { get; init; }

    /// <summary>The hash of the resolved recipe: a checkpoint of another recipe is refused.</summary>
    public required string RecipeHash { get; init; }

    /// <summary>The seed of libtorch's generator.</summary>
    public required int Seed { get; init; }

    /// <summary>The least number of seconds between two checkpoints.</summary>
    public required double CheckpointSeconds { get; init; }

    /// <summary>Times the intervals between checkpoints.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Receives the progress of steps.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    string CheckpointPath => Path.Combine(Folder, Checkpoint.FileName);

    /// <summary>Runs the steps that are not done. On cancellation it saves a checkpoint first.</summary>
    public void Run(LoopRequest request, CancellationToken token)
    {
        Directory.CreateDirectory(Folder);
        RandomStream.SeedTorch(Seed, StreamKey.Training);
        var step = Resume(request);
        var saved = Clock.GetTimestamp();
        var reported = saved;
        while (step < request.Steps)
        {
            if (token.IsCancellationRequested) Save(request, step);
            token.ThrowIfCancellationRequested();
            double loss;
            using (NewDisposeScope()) loss = request.Step(step);
            step++;
            if (!double.IsFinite(loss)) throw new DivergedException(
                $"{Part}: the loss is no longer a finite number at step {step} of {request.Steps}. "
                + request.Advice);
            if (step == request.Steps || Clock.GetElapsedTime(reported).TotalSeconds >= 0.1)
            {
                Progress?.Report(new(Part, step, request.Steps, 0, 0, loss, null));
                reported = Clock.GetTimestamp();
            }
            if (step < request.Steps && Clock.GetElapsedTime(saved).TotalSeconds < CheckpointSeconds) continue;

            Save(request, step);
            saved = Clock.GetTimestamp();
        }
    }

    void Save(LoopRequest request, long step)
    {
        using var scope = NewDisposeScope();
        var tensors = WithGenerator(request, random.get_rng_state()).ToList();
        if (Checkpoint.NotFinite(tensors.Select(pair => (pair.Key, pair.Value))) is { } name)
            throw new DivergedException($"{Part}: '{name}' is no longer finite at step {step} of {request.Steps}.");

        var state = new LoopState { RecipeHash = RecipeHash, Threads = get_num_threads(), Step = step };
        Checkpoint.Write(CheckpointPath, tensors, state);
    }

    long Resume(LoopRequest request)
    {
        if (!File.Exists(CheckpointPath)) return 0;

        using var scope = NewDisposeScope();
        var (tensors, state) = Checkpoint.Read<LoopState>(CheckpointPath);
        Checkpoint.CheckOwner(CheckpointPath, state.RecipeHash, RecipeHash, state.Threads, get_num_threads());
        if (state.Step < 0 || state.Step > request.Steps) throw new InvalidDataException(
            $"{CheckpointPath} is at step {state.Step}; this loop has {request.Steps}.");

        using var generator = random.get_rng_state();
        Checkpoint.Load(WithGenerator(request, generator), tensors, CheckpointPath);
        Checkpoint.RestoreGenerator(generator, CheckpointPath);
        return state.Step;
    }

    static IEnumerable<KeyValuePair<string, Tensor>> WithGenerator(LoopRequest request, Tensor generator) =>
        request.State().Append(KeyValuePair.Create(Checkpoint.GeneratorName, generator));
}
