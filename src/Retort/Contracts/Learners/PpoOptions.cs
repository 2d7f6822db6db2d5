namespace Retort.Contracts.Learners;

/// <summary>
/// Options of <see cref="PpoLearner"/>: one learner by itself, or the learners of another method. Defaults are those of
/// DPD's code.
/// </summary>
public sealed record PpoOptions : LearnerOptions, IValidated
{
    /// <summary>Steps between two series of updates.</summary>
    [AtLeast(1)] public int RolloutSteps { get; init; } = 2048;

    /// <summary>Passes over a rollout.</summary>
    [AtLeast(1)] public int Epochs { get; init; } = 10;

    /// <summary>Minibatches of a pass.</summary>
    [AtLeast(1)] public int Minibatches { get; init; } = 64;

    /// <summary>The learning rate of policy and value network, by Adam.</summary>
    [Positive] public double LearningRate { get; init; } = 5e-5;

    /// <summary>ε: how far the ratio of probabilities, and the value, may go from the old one.</summary>
    [Positive] public double ClipRange { get; init; } = 0.2;

    /// <summary>λ of the generalized advantage.</summary>
    [Share] public double Lambda { get; init; } = 0.95;

    /// <summary>The weight of the policy's entropy.</summary>
    [NotNegative] public double EntropyWeight { get; init; }

    /// <summary>The weight of the value's loss.</summary>
    [NotNegative] public double ValueWeight { get; init; } = 0.5;

    /// <summary>The largest norm of the gradient of all parameters together; 0: no limit.</summary>
    [NotNegative] public double MaxGradientNorm { get; init; } = 0.5;

    /// <summary>The widths of the value network's hidden layers.</summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> ValueHidden { get; init; } = [64, 64];

    /// <summary>Whether rewards are divided by the running deviation of the discounted return.</summary>
    public bool NormalizeRewards { get; init; } = true;

    /// <inheritdoc/>
    public override Procedure Build() => new SingleLearner(OptionRules.Check(this));

    internal override string Name => "ppo";

    internal override int Turn => RolloutSteps;

    internal override int DistillationInterval => 5;

    internal override int DistillationBatch => 256;

    internal override double DistillationRate => 1e-5;

    internal override Learner NewLearner(LearnerSetting setting) => new PpoLearner(this, setting);

    internal override void Check(ActionSpace actions, Network policy)
    {
        if (policy is not PolicyNetwork own || own.Actions.IsContinuous && own.LogDeviation is null)
            throw new InvalidOperationException(
                "The method \"ppo\" trains a policy that draws its actions: the student must be "
                + "\"stochastic-policy\".");
    }

    OptionError? IValidated.Validate() => 2 * (long)Minibatches > RolloutSteps
        ? new(nameof(Minibatches), Invariant($"must be at most half of rolloutSteps, {RolloutSteps}, since advantages ")
            + Invariant($"are normalized in each of them; it is {Minibatches}."))
        : Steps < RolloutSteps
            ? new(nameof(RolloutSteps), Invariant($"must be at most the {Steps} steps; it is {RolloutSteps}."))
            : null;
}
