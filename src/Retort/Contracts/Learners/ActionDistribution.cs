namespace Retort.Contracts.Learners;

/// <summary>The distribution of a stochastic policy's actions: normal of numbers, else of several actions.</summary>
/// <param name="policy">The policy.</param>
/// <param name="unit">Its output: means, or logits. [B, A]</param>
sealed class ActionDistribution(PolicyNetwork policy, Tensor unit)
{
    static readonly double s_logRoot = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>log π of actions. [B, A], or [B, 1] with indices → [B]</summary>
    public Tensor LogProbability(Tensor actions)
    {
        if (policy.LogDeviation is not { } log)
            return unit.LogSoftmax().gather(1, actions.to(torch.ScalarType.Int64)).squeeze(1);

        var z = actions.Subtract(unit).DividedBy(log.Exp());                // [B, A]
        return z.Squared().Times(-0.5).Subtract(log).Add(-s_logRoot).sum(1L);
    }

    /// <summary>The entropy, mean over the batch. []</summary>
    public Tensor Entropy()
    {
        if (policy.LogDeviation is { } log) return log.Add(0.5 + s_logRoot).sum();

        var logs = unit.LogSoftmax();
        return logs.Exp().Times(logs).sum(1L).mean().Times(-1);
    }
}
