namespace Retort.Contracts;

/// <summary>
/// A network that acts: it standardizes observations by statistics of its own and computes what to do. A family of
/// networks for environments derives from it, and learners train it.
/// </summary>
/// <remarks>
/// The derived constructor calls RegisterComponents last. The fields are buffers: the statistics are saved with the
/// weights.
/// </remarks>
public abstract class PolicyNetwork : Network
{
    private protected readonly Tensor observation_mean;                     // [D]
    private protected readonly Tensor observation_deviation;                // [D]
    private protected readonly Tensor? action_middle;                       // [A], null for discrete actions
    private protected readonly Tensor? action_half;                         // [A]
    readonly double _clip;

    /// <param name="name">The network's name.</param>
    /// <param name="info">The environment's observations and actions.</param>
    /// <param name="clip">The largest standardized observation; larger ones are clipped.</param>
    /// <exception cref="InvalidOperationException">The recipe has data and no environment.</exception>
    protected PolicyNetwork(string name, DatasetInfo info, double clip) : base(name)
    {
        Actions = info.Actions ?? throw new InvalidOperationException(
            $"{name} is a network for environments, and the recipe has data.");
        Width = info.OnlyInput(name).Count;
        _clip = clip;
        observation_mean = torch.zeros(Width);
        observation_deviation = torch.ones(Width);
        if (Actions is not { Low: { } low, High: { } high }) return;

        float[] middle = [.. low.Zip(high, (from, to) => (float)((from + to) / 2))];
        float[] half = [.. low.Zip(high, (from, to) => (float)((to - from) / 2))];
        action_middle = middle.ToTensor(middle.Length);
        action_half = half.ToTensor(half.Length);
    }

    /// <summary>The environment's actions.</summary>
    public ActionSpace Actions { get; }

    /// <summary>D: the numbers of an observation.</summary>
    public long Width { get; }

    /// <summary>The logarithm of the standard deviation of a stochastic policy's actions; null without. [A]</summary>
    public virtual TorchSharp.Modules.Parameter? LogDeviation => null;

    /// <inheritdoc/>
    public override OutputSet AvailableOutputs => Actions.IsContinuous ? Output.Action : Output.Logits;

    /// <summary>The observation by the network's statistics, clipped. [B, D] → [B, D]</summary>
    public Tensor Standardized(Tensor observation) =>
        observation.Subtract(observation_mean).DividedBy(observation_deviation).Clip(-_clip, _clip);

    /// <summary>
    /// What the policy does, from standardized observations: of numbers the action in units in which its bounds are −1
    /// and 1, of discrete actions their logits. [B, D] → [B, A]
    /// </summary>
    public abstract Tensor Unit(Tensor standardized);

    /// <inheritdoc/>
    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var unit = Unit(Standardized(inputs[InputNames.Observation]));      // [B, A]
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? Of(Output.Logits, unit) : null,
            Action = wanted.Contains(Output.Action) ? Of(Output.Action, unit) : null,
        };
    }

    /// <summary>Sets the statistics of the observations.</summary>
    public void SetStatistics(ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation)
    {
        Write(mean, observation_mean);
        Write(deviation, observation_deviation);

        static void Write(ReadOnlySpan<double> values, Tensor into)
        {
            var floats = new float[values.Length];
            for (var i = 0; i < floats.Length; i++) floats[i] = (float)values[i];
            using var frozen = torch.no_grad();
            using var tensor = floats.ToTensor(floats.Length);
            into.copy_(tensor);
        }
    }

    /// <summary>Takes over the statistics of another policy of the same environment.</summary>
    public void CopyStatistics(PolicyNetwork from)
    {
        using var frozen = torch.no_grad();
        observation_mean.copy_(from.observation_mean);
        observation_deviation.copy_(from.observation_deviation);
    }

    Tensor Of(OutputKey wanted, Tensor unit)
    {
        if (!AvailableOutputs.Contains(wanted)) throw new InvalidOperationException(
            $"This policy has no {wanted.Title}; it has {AvailableOutputs}.");
        return Actions.IsContinuous ? unit.Clip(-1, 1).Times(action_half!).Add(action_middle!) : unit;
    }
}
