using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>The weights that were best on validation so far: highest accuracy, of equals the lower NLL, then the earlier.</summary>
sealed class BestWeights : IDisposable
{
    /// <summary>Copies, in place ever after.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Steps done when they were taken; 0 before the first look at validation.</summary>
    public long Step { get; private set; }

    /// <summary>On validation: a fraction.</summary>
    public double Accuracy { get; private set; }

    /// <summary>On validation: nats.</summary>
    public double Nll { get; private set; }

    public BestWeights(IReadOnlyDictionary<string, Tensor> weights)
    {
        using var frozen = no_grad();
        Weights = weights.ToDictionary(pair => pair.Key, pair => pair.Value.clone().DetachFromDisposeScope());   // no gradient here
    }

    /// <summary>Takes these weights if they are better.</summary>
    public void Offer(IReadOnlyDictionary<string, Tensor> weights, long step, double accuracy, double nll)
    {
        if (Step > 0 && (accuracy < Accuracy || (accuracy == Accuracy && nll >= Nll))) return;
        Restore(step, accuracy, nll);
        using var frozen = no_grad();
        foreach (var (name, best) in Weights) best.copy_(weights[name]);
    }

    /// <summary>The score that belongs to weights from a checkpoint.</summary>
    public void Restore(long step, double accuracy, double nll) => (Step, Accuracy, Nll) = (step, accuracy, nll);

    public void Dispose()
    {
        foreach (var weights in Weights.Values) weights.Dispose();
    }
}
