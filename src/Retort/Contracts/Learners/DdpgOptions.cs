namespace Retort.Contracts.Learners;

/// <summary>
/// Options of <see cref="DdpgLearner"/>: one learner by itself, or the learners of another method. Defaults are those
/// of DPD's code.
/// </summary>
public sealed record DdpgOptions : LearnerOptions, IValidated
{
    /// <summary>What an episode's actions are varied by.</summary>
    public enum ExplorationKind
    {
        /// <summary>Noise on the policy's weights, adapted to the change of the actions.</summary>
        Parameters,

        /// <summary>Independent normal noise on each action.</summary>
        Gaussian,

        /// <summary>Noise that goes on from step to step (Ornstein and Uhlenbeck).</summary>
        OrnsteinUhlenbeck,
    }

    /// <summary>What actions are varied by.</summary>
    public ExplorationKind Exploration { get; init; } = ExplorationKind.Parameters;

    /// <summary>
    /// The noise's standard deviation, in units in which the bounds of actions are −1 and 1; of noise on the weights
    /// the change of the actions that it is adapted to.
    /// </summary>
    [Positive] public double Noise { get; init; } = 0.2;

    /// <summary>Steps at the beginning with uniformly random actions and without updates.</summary>
    [NotNegative] public int WarmUpSteps { get; init; }

    /// <summary>Steps in the environment before each series of updates.</summary>
    [AtLeast(1)] public int CollectSteps { get; init; } = 100;

    /// <summary>Updates in a series.</summary>
    [AtLeast(1)] public int Updates { get; init; } = 50;

    /// <summary>B: steps in an update.</summary>
    [AtLeast(1)] public int BatchSize { get; init; } = 64;

    /// <summary>How many of the newest steps are kept to learn from.</summary>
    [AtLeast(1)] public int ReplaySize { get; init; } = 1_000_000;

    /// <summary>The learning rate of the policy, by Adam.</summary>
    [Positive] public double ActorLearningRate { get; init; } = 1e-4;

    /// <summary>The learning rate of the critic, by Adam.</summary>
    [Positive] public double CriticLearningRate { get; init; } = 1e-3;

    /// <summary>The weight of half the squared weights of the critic's hidden layers.</summary>
    [NotNegative] public double CriticDecay { get; init; } = 1e-2;

    /// <summary>
    /// The widths of the critic's hidden layers; the action enters after the first, so that there are two at least.
    /// </summary>
    [NotEmpty, AtLeast(1)] public IReadOnlyList<int> CriticHidden { get; init; } = [64, 64];

    /// <summary>τ: the share by which the target networks follow at each update.</summary>
    [Share] public double TargetRate { get; init; } = 0.01;

    /// <summary>The factor of rewards in the critic's targets.</summary>
    [Positive] public double RewardScale { get; init; } = 1;

    /// <summary>With several learners, how many steps one takes before the next one's turn.</summary>
    [AtLeast(1)] public int TurnSteps { get; init; } = 2000;

    /// <inheritdoc/>
    public override Procedure Build() => new SingleLearner(OptionRules.Check(this));

    internal override string Name => "ddpg";

    internal override int Turn => TurnSteps;

    internal override int DistillationInterval => 1;

    internal override int DistillationBatch => 64;

    internal override double DistillationRate => 1e-4;

    internal override Learner NewLearner(LearnerSetting setting) => new DdpgLearner(this, setting);

    internal override void Check(ActionSpace actions, Network policy)
    {
        if (!actions.IsContinuous) throw new InvalidOperationException(
            "The method \"ddpg\" needs actions that are numbers between bounds; this environment's are discrete: "
            + $"{string.Join(", ", actions.Names)}. Choose the learner \"ppo\".");
        if (policy is not PolicyNetwork { LogDeviation: null }) throw new InvalidOperationException(
            "The method \"ddpg\" trains a deterministic policy: the student must be \"deterministic-policy\".");
    }

    OptionError? IValidated.Validate() => CriticHidden.Count < 2
        ? new(nameof(CriticHidden), Invariant($"must have two widths at least; it has {CriticHidden.Count}."))
        : WarmUpSteps >= Steps
            ? new(nameof(WarmUpSteps), Invariant($"must be less than the {Steps} steps; it is {WarmUpSteps}.")) : null;
}
