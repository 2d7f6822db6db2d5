using Retort.Contracts.Learners;

namespace Retort.Methods;

/// <summary>Options of <see cref="DualPolicy"/>: the paper's, and its code's where the paper is silent.</summary>
public sealed record DualPolicyOptions : ProcedureOptions, IValidated
{
    /// <summary>The weights of the states in which a learner imitates its peer.</summary>
    public enum WeightKind
    {
        /// <summary>exp(α ξ): more, the more the peer's value is above the learner's.</summary>
        Exp,

        /// <summary>1 where ξ is positive, else 0.</summary>
        Indicator,

        /// <summary>The same everywhere: plain mutual imitation, as in the authors' code for DDPG.</summary>
        Uniform,

        /// <summary>exp(−α ξ): the sign of the authors' code for PPO.</summary>
        Inverted,

        /// <summary>1 where the learner's own critic prefers the peer's action, else 0.</summary>
        LocalAdvantage,

        /// <summary>No imitation: two independent learners.</summary>
        None,
    }

    /// <summary>Whose action a critic judges, of learners with a critic of actions.</summary>
    public enum GapKind
    {
        /// <summary>Each critic judges its own policy's action, as in the paper.</summary>
        OwnAction,

        /// <summary>Both judge the peer's action, as in the authors' code.</summary>
        PeerAction,
    }

    /// <summary>What the control is.</summary>
    public enum ControlKind
    {
        /// <summary>One learner with twice the steps.</summary>
        TwiceTheSteps,

        /// <summary>Two independent learners with the same steps and seeds, of which the better one counts.</summary>
        Independent,
    }

    /// <summary>The two learners; <c>steps</c> are those of each.</summary>
    public LearnerOptions Learner { get; init; } = new DdpgOptions();

    /// <summary>The weights of states.</summary>
    public WeightKind Weighting { get; init; } = WeightKind.Exp;

    /// <summary>Whose action the critics judge in ξ.</summary>
    public GapKind Gap { get; init; } = GapKind.OwnAction;

    /// <summary>α: the confidence in the values.</summary>
    [NotNegative] public double Alpha { get; init; } = 1;

    /// <summary>Whether ξ is divided by the deviation of both learners' values.</summary>
    public bool Standardize { get; init; } = true;

    /// <summary>The smallest weight, before weights are normalized to the sum 1.</summary>
    [Positive] public double MinWeight { get; init; } = 0.01;

    /// <summary>The largest weight, before weights are normalized.</summary>
    [Positive] public double MaxWeight { get; init; } = 100;

    /// <summary>How many of the peer's newest states are drawn from.</summary>
    [AtLeast(1)] public int Window { get; init; } = 1000;

    /// <summary>
    /// The learner's updates between two distillations; unset: 1 of <c>ddpg</c>, 5 rollouts of <c>ppo</c>.
    /// </summary>
    [AtLeast(1)] public int? Interval { get; init; }

    /// <summary>Gradient steps of a distillation.</summary>
    [AtLeast(1)] public int DistillationSteps { get; init; } = 1;

    /// <summary>The learning rate of distillation, by an Adam of its own; unset: 1e-4, of <c>ppo</c> 1e-5.</summary>
    [Positive] public double? DistillationRate { get; init; }

    /// <summary>States of a distillation step; unset: 64, of <c>ppo</c> 256.</summary>
    [AtLeast(1)] public int? BatchSize { get; init; }

    /// <summary>What the control is.</summary>
    public ControlKind ComparedWith { get; init; } = ControlKind.TwiceTheSteps;

    internal int IntervalOf => Interval ?? Learner.DistillationInterval;

    internal double RateOf => DistillationRate ?? Learner.DistillationRate;

    internal int BatchOf => BatchSize ?? Learner.DistillationBatch;

    public override Procedure Build() => new DualPolicy(OptionRules.Check(this));

    OptionError? IValidated.Validate()
    {
        if (MaxWeight < MinWeight) return new(nameof(MaxWeight),
            Invariant($"must be at least minWeight, {MinWeight}; it is {MaxWeight}."));
        if (Learner.Steps > int.MaxValue / 2) return new(nameof(Learner), Invariant(
            $"must have at most {int.MaxValue / 2} steps, which the control doubles; it has {Learner.Steps}."));
        var needsCritic = Weighting == WeightKind.LocalAdvantage || Gap == GapKind.PeerAction;
        if (!needsCritic || Learner is not PpoOptions) return null;

        return Gap == GapKind.PeerAction
            ? new(nameof(Gap), "must be \"ownAction\" with the learner \"ppo\", whose values are of states alone.")
            : new(nameof(Weighting),
                "must not be \"localAdvantage\" with the learner \"ppo\", whose values are of states alone.");
    }
}
