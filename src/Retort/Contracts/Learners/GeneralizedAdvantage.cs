namespace Retort.Contracts.Learners;

/// <summary>The generalized advantage of the steps of a rollout (Schulman et al., arXiv:1506.02438).</summary>
static class GeneralizedAdvantage
{
    /// <summary>
    /// A_t = δ_t + γ λ A_{t+1} within an episode, with δ_t = r_t + γ V(s_{t+1}) − V(s_t).
    /// </summary>
    /// <param name="rewards">r. [T]</param>
    /// <param name="values">V of the states acted in. [T]</param>
    /// <param name="next">V of the states reached; 0 where the environment ended the episode there. [T]</param>
    /// <param name="ends">Whether the step was the last of its episode, for whatever reason. [T]</param>
    /// <param name="discount">γ.</param>
    /// <param name="lambda">λ.</param>
    public static double[] Of(ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, ReadOnlySpan<double> next,
        ReadOnlySpan<bool> ends, double discount, double lambda)
    {
        var found = new double[rewards.Length];
        var later = 0.0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            var delta = rewards[t] + discount * next[t] - values[t];
            later = delta + (ends[t] ? 0 : discount * lambda * later);
            found[t] = later;
        }
        return found;
    }
}
