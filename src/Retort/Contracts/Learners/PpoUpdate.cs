namespace Retort.Contracts.Learners;

/// <summary>How a rollout is used.</summary>
/// <param name="Epochs">Passes over it.</param>
/// <param name="Minibatches">Minibatches of a pass.</param>
/// <param name="LearningRate">Of Adam.</param>
/// <param name="MaxGradientNorm">0: no limit.</param>
/// <param name="ClipRange">ε.</param>
/// <param name="Discount">γ.</param>
/// <param name="Lambda">λ of the generalized advantage.</param>
/// <param name="EntropyWeight">Of the policy's entropy.</param>
/// <param name="ValueWeight">Of the value's loss.</param>
sealed record PpoSetting(int Epochs, int Minibatches, double LearningRate, double MaxGradientNorm, double ClipRange,
    double Discount, double Lambda, double EntropyWeight, double ValueWeight);

/// <summary>The updates of a policy and its value network by one rollout.</summary>
sealed class PpoUpdate(PpoSetting options, PolicyNetwork policy, ValueNetwork value, Optimizer optimizer)
{
    const double LeastDeviation = 1e-8;

    readonly torch.Device _device = policy.parameters().First().device;

    /// <summary>Passes over the rollout in minibatches; returns the mean loss of the last pass.</summary>
    public double Run(List<float[]> rows, RolloutLayout layout, RandomStream random)
    {
        using var scope = torch.NewDisposeScope();
        var all = rows.SelectMany(row => row).ToArray().ToTensor(rows.Count, layout.Width).to(_device);
        var advantages = Advantages(rows, layout);
        float[] targets = [.. advantages.Select((one, t) => (float)one + rows[t][layout.Value])];
        float[] floats = [.. advantages.Select(one => (float)one)];
        var (a, r) = (floats.ToTensor(rows.Count).to(_device), targets.ToTensor(rows.Count).to(_device));
        var size = Math.Max(rows.Count / options.Minibatches, 1);
        var loss = 0.0;
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            loss = 0;
            var order = random.Permutation(rows.Count);
            var count = 0;
            for (var start = 0; start + size <= order.Length; start += size)
            {
                using var step = torch.NewDisposeScope();
                long[] indices = [.. order.AsSpan(start, size).ToArray().Select(i => (long)i)];
                var at = indices.ToTensor(size).to(_device);
                loss += Step(all.index_select(0, at), a.index_select(0, at), r.index_select(0, at), layout);
                count++;
            }
            loss /= count;
        }
        return loss;
    }

    double Step(Tensor rows, Tensor advantages, Tensor targets, RolloutLayout layout)
    {
        var s = policy.Standardized(rows.Slice(1, 0, layout.Observation));
        var distribution = new ActionDistribution(policy, policy.Unit(s));
        var log = distribution.LogProbability(rows.Slice(1, layout.Observation, layout.Reward));
        var ratio = log.Subtract(Column(rows, layout.LogProbability)).Exp();                        // [B]
        var loss = Clipped(Standardized(advantages), ratio, options.ClipRange).mean()
            .Add(ValueLoss(value.call(s), Column(rows, layout.Value), targets, options.ClipRange)
                .Times(options.ValueWeight));
        if (options.EntropyWeight > 0) loss = loss.Subtract(distribution.Entropy().Times(options.EntropyWeight));
        optimizer.ZeroGrad();
        loss.backward();
        optimizer.Step(options.LearningRate, options.MaxGradientNorm);
        return loss.ToSingle();
    }

    /// <summary>max(−A ρ, −A clip(ρ, 1 − ε, 1 + ε)). Each [B]</summary>
    internal static Tensor Clipped(Tensor advantages, Tensor ratio, double range) => torch.maximum(
        advantages.Times(ratio).Times(-1),
        advantages.Times(ratio.Clip(1 - range, 1 + range)).Times(-1));

    /// <summary>½ max((v − R)², (clip(v) − R)²), mean over the batch. []</summary>
    static Tensor ValueLoss(Tensor values, Tensor before, Tensor targets, double range)
    {
        var clipped = before.Add(values.Subtract(before).Clip(-range, range));
        return torch.maximum(values.Subtract(targets).Squared(), clipped.Subtract(targets).Squared()).mean().Times(0.5);
    }

    static Tensor Standardized(Tensor advantages)
    {
        var centered = advantages.Subtract(advantages.mean());
        return centered.DividedBy(centered.Squared().mean().Sqrt().Add(LeastDeviation));
    }

    static Tensor Column(Tensor rows, int column) => rows.Slice(1, column, column + 1).squeeze(1);

    double[] Advantages(List<float[]> rows, RolloutLayout layout)
    {
        var count = rows.Count;
        double[] rewards = [.. rows.Select(row => (double)row[layout.Reward])];
        double[] values = [.. rows.Select(row => (double)row[layout.Value])];
        double[] next = [.. rows.Select(row => (double)row[layout.Next])];
        bool[] ends =
        [
            .. Enumerable.Range(0, count).Select(
                t => t == count - 1 || rows[t][layout.Episode] != rows[t + 1][layout.Episode]),
        ];
        return GeneralizedAdvantage.Of(rewards, values, next, ends, options.Discount, options.Lambda);
    }
}
