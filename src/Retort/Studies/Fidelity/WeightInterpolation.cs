namespace Retort.Studies.Fidelity;

/// <summary>Initial weights of a student on the line from drawn weights to given ones.</summary>
static class WeightInterpolation
{
    /// <summary>
    /// Sets every weight to λ θ + (1 - λ) w. Refuses a network with running statistics, as of batch normalization: with
    /// them equal weights are not the same function in training.
    /// </summary>
    /// <param name="network">The network with the weights w.</param>
    /// <param name="towards">θ, by name.</param>
    /// <param name="share">λ.</param>
    public static void Move(Network network, IReadOnlyDictionary<string, Tensor> towards, double share)
    {
        if (network.named_buffers().Select(pair => pair.name).FirstOrDefault() is { } buffer)
            throw new InvalidOperationException("A student can begin near its teacher only where weights are all there "
                + $"is; this network keeps '{buffer}' besides: choose one with layer normalization or with none.");

        using var noGrad = torch.no_grad();
        foreach (var (name, weight) in network.named_parameters())
        {
            using var scope = torch.NewDisposeScope();
            if (!towards.TryGetValue(name, out var end) || !end.shape.SequenceEqual(weight.shape))
                throw new InvalidOperationException("A student can begin near its teacher only where both are the same "
                    + $"architecture; the teacher has no '{name}' of [{string.Join(", ", weight.shape)}].");
            weight.copy_(share == 1 ? end : end.Times(share).Add(weight.Times(1 - share)));
        }
    }
}
