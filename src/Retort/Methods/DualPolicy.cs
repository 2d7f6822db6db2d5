using Retort.Contracts.Learners;
using static Retort.Methods.DualPolicyOptions;

namespace Retort.Methods;

/// <summary>
/// Two learners in two copies of an environment: each imitates the other in the states where the other's value is
/// higher, between its own updates. There is no teacher.
/// </summary>
/// <remarks>
/// Differs from the authors' code, see docs/methods/dpd.md: its weights cancel for DDPG, and have the other sign for
/// PPO. This file: the run and the objective.
/// </remarks>
[Paper("dpd", "Lai, Zha, Li, Hu, Dual policy distillation, IJCAI 2020, arXiv:2006.04061", 2020)]
public sealed partial class DualPolicy(DualPolicyOptions options) : Procedure
{
    const string Policy = "policy";

    static readonly Artifact s_peer = new("peer.safetensors", ArtifactKind.Policy);

    public override bool TrainsInLoops => true;

    public override IReadOnlyList<Artifact> Artifacts => [s_peer];

    public override MethodOptions Control => options.ComparedWith == ControlKind.Independent
        ? options with { Weighting = WeightKind.None }
        : options.Learner with { Steps = 2 * options.Learner.Steps };

    public override void Check(LearningTask task) => LearnerOptions.CheckTask("dpd", task);

    public override void CheckNetworks(
        LearningTask task, DatasetInfo data, ModelOptions student, ModelOptions? teacher) =>
        options.Learner.Check("dpd", task, data, student);

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var group = new LearnerGroup(options.Learner, context, count: 2, options.Window);
        using var distillation = new Distillation(options, context, group);
        context.Loop(new()
        {
            Name = "learning",
            Steps = group.Steps,
            State = () => group.State.Concat(distillation.State),
            Step = group.Step,
            Advice = LearnerOptions.Advice,
        });
        var best = group.Best();
        context.Save(s_peer, group.Learners[1 - best].Policy.state_dict());
        context.SaveNetwork(Policy, group.Learners[best].Policy);
        return new([new(Policy)])
        {
            Figures = group.Figures().Concat(distillation.Figures()).ToDictionary(),
            Curves = [.. group.Curves(), .. distillation.Curves()],
        };
    }

    /// <summary>ξ: how much better the peer is in each state, or its action to the learner. [B, D], … → [B]</summary>
    /// <param name="options">Which gap.</param>
    /// <param name="me">The learner.</param>
    /// <param name="peer">Its peer.</param>
    /// <param name="states">[B, D]</param>
    /// <param name="peerAction">The peer's, in units. [B, A]</param>
    internal static Tensor GapOf(
        DualPolicyOptions options, Learner me, Learner peer, Tensor states, Tensor peerAction)
    {
        if (options.Weighting == WeightKind.LocalAdvantage)
            return me.Qualities(states, peerAction)!.Subtract(me.Values(states));

        var isOfPeer = options.Gap == GapKind.PeerAction;
        var its = isOfPeer ? peer.Qualities(states, peerAction)! : peer.Values(states);             // [B]
        var mine = isOfPeer ? me.Qualities(states, peerAction)! : me.Values(states);                // [B]
        var gap = its.Subtract(mine);
        return options.Standardize ? gap.DividedBy(DeviationOf(its.Concat(0, mine)).Add(1e-8)) : gap;
    }

    /// <summary>The weights before they are clipped and normalized. [B] → [B]</summary>
    internal static Tensor RawWeights(DualPolicyOptions options, Tensor gap) => options.Weighting switch
    {
        WeightKind.Exp => gap.Times(options.Alpha).Exp(),
        WeightKind.Inverted => gap.Times(-options.Alpha).Exp(),
        WeightKind.Indicator or WeightKind.LocalAdvantage => gap.gt(torch.zeros_like(gap)).to(gap.dtype),
        _ => torch.ones_like(gap),
    };

    /// <summary>w, with the sum 1; all 0 where an indicator is 0 everywhere. [B] → [B]</summary>
    internal static Tensor Weights(DualPolicyOptions options, Tensor gap)
    {
        var isSoft = options.Weighting is WeightKind.Exp or WeightKind.Inverted;
        var raw = RawWeights(options, gap);
        var w = isSoft ? raw.Clip(options.MinWeight, options.MaxWeight) : raw;
        var sum = w.sum();
        return sum.ToSingle() == 0 ? w : w.DividedBy(sum);
    }

    /// <summary>D of each state: mean squared difference of actions; of discrete ones KL(peer ‖ me). → [B]</summary>
    internal static Tensor Distance(bool isContinuous, Tensor mine, Tensor peers)
    {
        if (isContinuous) return mine.Subtract(peers).Squared().mean([1L]);

        var p = peers.Softmax();                                            // [B, A]
        return p.Times(peers.LogSoftmax().Subtract(mine.LogSoftmax())).sum(1L);
    }

    /// <summary>J = Σ_b w_b D_b. [B], [B] → []</summary>
    internal static Tensor Objective(Tensor weights, Tensor distances) => weights.Times(distances).sum();

    static Tensor DeviationOf(Tensor values)
    {
        var centered = values.Subtract(values.mean());
        return centered.Squared().mean().Sqrt();
    }
}
