namespace Retort.Contracts.Learners;

/// <summary>
/// Noise on a policy's weights (Plappert et al., arXiv:1706.01905): its deviation is adapted so that it changes the
/// actions by a target.
/// </summary>
sealed class ParameterNoise : IDisposable
{
    const double Factor = 1.01;

    readonly HostNumbers _deviation = new(1);
    readonly PolicyNetwork _policy;
    readonly double _target;

    /// <param name="policy">The policy.</param>
    /// <param name="copy">A network of the same options: it becomes the perturbed one.</param>
    /// <param name="target">The change of the actions that is wanted, and the first deviation.</param>
    public ParameterNoise(PolicyNetwork policy, PolicyNetwork copy, double target)
    {
        (_policy, Perturbed, _target) = (policy, copy, target);
        _deviation[0] = target;
    }

    /// <summary>The perturbed policy.</summary>
    public PolicyNetwork Perturbed { get; }

    /// <summary>The tensors of a checkpoint.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State => Perturbed.state_dict()
        .Select(pair => KeyValuePair.Create($"perturbed.{pair.Key}", pair.Value))
        .Append(new("perturbed.deviation", _deviation.Tensor));

    /// <summary>Draws new noise; the parameters of layer normalizations get none.</summary>
    public void Perturb(RandomStream random)
    {
        using var frozen = torch.no_grad();
        var targets = Perturbed.named_parameters().ToDictionary(one => one.name, one => one.parameter);
        foreach (var (name, parameter) in _policy.named_parameters())
        {
            targets[name].copy_(parameter);
            if (name.StartsWith("norms.", StringComparison.Ordinal)) continue;

            using var noise = Normal(parameter.NumberOfElements, ref random).ToTensor(parameter.shape);
            using var sum = parameter.Add(noise.Times(_deviation[0]));
            targets[name].copy_(sum);
        }
    }

    /// <summary>Measures how much new noise changes the actions, and adapts the deviation.</summary>
    /// <param name="observations">[B, D]</param>
    /// <param name="random">Draws the noise.</param>
    public void Adapt(Tensor observations, RandomStream random)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var before = Perturbed.named_parameters().Select(one => one.parameter.clone()).ToList();
        Perturb(random);
        var standardized = _policy.Standardized(observations);
        var change = _policy.Unit(standardized).Subtract(Perturbed.Unit(standardized)).Squared().mean().Sqrt();
        _deviation[0] = Adapted(_deviation[0], change.ToSingle(), _target);
        foreach (var (one, saved) in Perturbed.named_parameters().Zip(before)) one.parameter.copy_(saved);
    }

    /// <summary>The deviation after a measured change of the actions: smaller where it was above the target.</summary>
    internal static double Adapted(double deviation, double change, double target) =>
        change > target ? deviation / Factor : deviation * Factor;

    public void Dispose()
    {
        Perturbed.Dispose();
        _deviation.Dispose();
    }

    static float[] Normal(long count, ref RandomStream random)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (float)random.Normal();
        return values;
    }
}
