using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>A copy of the weights with the best validation scores so far; of equal scores the earlier.</summary>
sealed class BestWeights : IDisposable
{
    readonly LearningTask _task;

    /// <summary>Starts with a copy of these weights.</summary>
    public BestWeights(LearningTask task, IReadOnlyDictionary<string, Tensor> weights)
    {
        _task = task;
        using var noGrad = no_grad();
        Weights = weights.ToDictionary(pair => pair.Key, pair => pair.Value.clone().DetachFromDisposeScope());
    }

    /// <summary>The copy, overwritten in place.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Steps done when they were copied; 0 before the first validation.</summary>
    public long Step { get; private set; }

    /// <summary>Their validation scores; empty before the first validation.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; private set; } = new Dictionary<string, double>();

    /// <summary>Copies these weights if their scores are better.</summary>
    public void Offer(
        IReadOnlyDictionary<string, Tensor> weights, long step, IReadOnlyDictionary<string, double> scores)
    {
        if (Step > 0 && !_task.IsBetter(scores, Scores)) return;

        Restore(step, scores);
        using var noGrad = no_grad();
        foreach (var (name, best) in Weights) best.copy_(weights[name]);
    }

    /// <summary>Restores step and scores of weights that come from a checkpoint.</summary>
    public void Restore(long step, IReadOnlyDictionary<string, double> scores) => (Step, Scores) = (step, scores);

    public void Dispose()
    {
        foreach (var weights in Weights.Values) weights.Dispose();
    }
}
