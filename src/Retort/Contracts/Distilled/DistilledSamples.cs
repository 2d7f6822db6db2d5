namespace Retort.Contracts.Distilled;

/// <summary>The samples of a distilled data set and the step sizes with which they are learned.</summary>
/// <param name="Inputs">[S, M, ..]</param>
/// <param name="Labels">One number for each class; what the inner loss takes. [S, M, C]</param>
/// <param name="Rates">η, one for each of the S · E steps. [T]</param>
public sealed record DistilledSamples(Tensor Inputs, Tensor Labels, Tensor Rates)
{
    /// <summary>S.</summary>
    public int Batches => (int)Inputs.size(0);

    /// <summary>M.</summary>
    public int Samples => (int)Inputs.size(1);

    /// <summary>T = S · E.</summary>
    public int Steps => (int)Rates.size(0);

    /// <summary>Numbers in all three.</summary>
    public long StoredFloats => Inputs.NumberOfElements + Labels.NumberOfElements + Rates.NumberOfElements;

    /// <summary>
    /// −(1/M) Σᵢ Σₖ ỹᵢₖ log softmax(logits)ᵢₖ for labels of any sum and sign. [M, C], [M, C] → []
    /// </summary>
    public static Tensor Loss(Tensor logits, Tensor labels) =>
        logits.LogSoftmax().Times(labels).sum().Times(-1.0 / labels.size(0));

    /// <summary>One step of SGD on the step's batch: θ − ηₜ ∇ℓ(x̃, ỹ; θ). [P] → [P]</summary>
    /// <param name="function">The network.</param>
    /// <param name="theta">θ.</param>
    /// <param name="step">t, from 0.</param>
    /// <param name="seed">The seed of dropout, where the network has it.</param>
    public Tensor Step(NetworkFunction function, Tensor theta, int step, long seed)
    {
        using var scope = torch.NewDisposeScope();
        using var leaf = theta.detach().requires_grad_(true);
        var batch = step % Batches;
        RandomStream.SeedTorch(seed, StreamKey.Method, step);
        var loss = Loss(function.Logits(Inputs[batch], leaf, training: true), Labels[batch]);
        var gradient = Autograd.Grad(loss, [leaf])[0];
        return theta.Subtract(gradient.Times(Rates[step])).detach().MoveToOuterDisposeScope();
    }

    /// <summary>All steps, from these weights. [P] → [P]</summary>
    public Tensor Train(NetworkFunction function, Tensor theta, long seed)
    {
        using var scope = torch.NewDisposeScope();
        for (var t = 0; t < Steps; t++) theta = Step(function, theta, t, seed);
        return theta.MoveToOuterDisposeScope();
    }
}
