using Retort.Contracts.Learners;
using Retort.Methods;
using Retort.Models;
using Retort.Tests.Contract;
using static Retort.Methods.DualPolicyOptions;

namespace Retort.Tests.Methods;

/// <summary>DPD's weights, objective and gradients by hand.</summary>
public sealed class DualPolicyTests
{
    static readonly float[] s_gap = [-2f / 3, 2f / 3];                      // ξ of the two-state chain
    static readonly float[] s_distances = [0.04f, 0.01f];

    static DualPolicyOptions Options(WeightKind kind, double alpha = 0.75) =>
        new() { Weighting = kind, Alpha = alpha };

    [Fact] // e^(−0.5) = 0.6065307 and e^0.5 = 1.6487213, divided by their sum
    public void The_weights_of_two_states()
    {
        using var scope = torch.NewDisposeScope();
        Close([0.6065307, 1.6487213], DualPolicy.RawWeights(Options(WeightKind.Exp), s_gap.ToTensor(2)));
        Close([0.2689414, 0.7310586], DualPolicy.Weights(Options(WeightKind.Exp), s_gap.ToTensor(2)));
        Close([0.5, 0.5], DualPolicy.Weights(Options(WeightKind.Uniform), s_gap.ToTensor(2)));
        Close([0, 1], DualPolicy.Weights(Options(WeightKind.Indicator), s_gap.ToTensor(2)));
        Close([0.7310586, 0.2689414], DualPolicy.Weights(Options(WeightKind.Inverted), s_gap.ToTensor(2)));
    }

    [Theory] // 0.2689414 · 0.04 + 0.7310586 · 0.01; the released PPO code: the other sign, and half of the sum
    [InlineData(WeightKind.Exp, 0.75, 1, 0.0180682426)]
    [InlineData(WeightKind.Inverted, 0.75, 0.5, 0.0159658787)]
    [InlineData(WeightKind.Uniform, 0.75, 2, 0.05)]                         // the released DDPG code, whatever α is
    [InlineData(WeightKind.Exp, 0, 2, 0.05)]
    [InlineData(WeightKind.Indicator, 0.75, 1, 0.01)]
    public void The_objective_of_two_states(WeightKind kind, double alpha, double factor, double expected)
    {
        using var scope = torch.NewDisposeScope();
        var weights = DualPolicy.Weights(Options(kind, alpha), s_gap.ToTensor(2));
        Assert.Equal(expected, factor * DualPolicy.Objective(weights, s_distances.ToTensor(2)).ToDouble(), 1e-8);
    }

    [Fact] // e^75 and e^−75 are clipped to 100 and 0.01
    public void Extreme_gaps_are_clipped_before_weights_are_normalized()
    {
        using var scope = torch.NewDisposeScope();
        float[] gap = [100, -100];
        Close([100 / 100.01, 0.01 / 100.01], DualPolicy.Weights(Options(WeightKind.Exp), gap.ToTensor(2)));
    }

    [Fact]
    public void An_indicator_without_a_disadvantage_copies_nothing()
    {
        using var scope = torch.NewDisposeScope();
        float[] gap = [-1, 0];
        Close([0, 0], DualPolicy.Weights(Options(WeightKind.Indicator), gap.ToTensor(2)));
    }

    [Fact] // a = w s with w = 0 and s = 2, the peer's action 1: dJ/dw = 2 (w s − 1) s = −4
    public void The_gradient_of_a_linear_policy()
    {
        using var scope = torch.NewDisposeScope();
        var w = torch.zeros(1, 1, requires_grad: true);
        float[] state = [2];
        var distance = DualPolicy.Distance(true, state.ToTensor(1, 1).mul(w), torch.ones(1, 1));
        DualPolicy.Objective(torch.ones(1), distance).backward();
        Assert.Equal(-4, w.grad!.ToSingle(), 1e-6);
    }

    [Fact] // mean over the numbers of an action: (0.2² + 0.4²) / 2
    public void The_distance_is_a_mean_over_the_numbers_of_an_action()
    {
        using var scope = torch.NewDisposeScope();
        float[] mine = [0.2f, 0.4f];
        Close([0.1], DualPolicy.Distance(true, mine.ToTensor(1, 2), torch.zeros(1, 2)));
        Close([0], DualPolicy.Distance(false, mine.ToTensor(1, 2), mine.ToTensor(1, 2)));
        Assert.True(DualPolicy.Distance(false, mine.ToTensor(1, 2), torch.zeros(1, 2)).ToSingle() > 0);
    }

    [Theory]
    [InlineData(WeightKind.Exp, GapKind.OwnAction)]
    [InlineData(WeightKind.Exp, GapKind.PeerAction)]
    [InlineData(WeightKind.LocalAdvantage, GapKind.OwnAction)]
    public void Only_the_learners_own_policy_gets_a_gradient_and_moves(WeightKind kind, GapKind gap)
    {
        using var scope = torch.NewDisposeScope();
        var policy = new DeterministicPolicyOptions { Hidden = [8, 8] };
        var ddpg = FewEpisodes.Ddpg with { CollectSteps = 1000 };           // no update in between
        using var group = EpisodeContext.Pair(ddpg, policy, steps: 40);
        var options = new DualPolicyOptions { Learner = ddpg, Weighting = kind, Gap = gap, BatchSize = 16 };
        using var distillation = new DualPolicy.Distillation(options, new EpisodeContext(policy), group);
        var (mine, peers) = (Bits(group.Learners[0]), Bits(group.Learners[1]));
        group.Learners[0].AfterUpdate();
        var changed = Bits(group.Learners[0]).Where(pair => mine[pair.Key] != pair.Value).Select(pair => pair.Key);
        Assert.All(changed, name => Assert.StartsWith("policy.", name));
        Assert.True(kind == WeightKind.LocalAdvantage || changed.Any());    // its indicator may be 0 everywhere
        Assert.Equal(peers, Bits(group.Learners[1]));
        Assert.All(group.Learners[1].Policy.parameters(), parameter => Assert.True(parameter.grad is null));
    }

    [Fact] // J(α) must depend on α: in the released DDPG code it does not
    public void Another_confidence_is_another_step()
    {
        using var scope = torch.NewDisposeScope();
        var policy = new DeterministicPolicyOptions { Hidden = [8, 8] };
        var ddpg = FewEpisodes.Ddpg with { CollectSteps = 1000 };
        Assert.NotEqual(After(0), After(2));

        string After(double alpha)
        {
            using var group = EpisodeContext.Pair(ddpg, policy, steps: 40);
            var options = new DualPolicyOptions
            {
                Learner = ddpg, Alpha = alpha, BatchSize = 16, DistillationRate = 0.1,
            };
            using var distillation = new DualPolicy.Distillation(options, new EpisodeContext(policy), group);
            for (var i = 0; i < 3; i++) group.Learners[0].AfterUpdate();
            return string.Join(' ', Bits(group.Learners[0]).Values);
        }
    }

    [Fact]
    public void Ppo_has_no_values_of_actions()
    {
        var error = OptionRules.Find(new DualPolicyOptions
        {
            Learner = new PpoOptions(), Weighting = WeightKind.LocalAdvantage,
        });
        Assert.Equal((nameof(DualPolicyOptions.Weighting), "must not be \"localAdvantage\" with the learner \"ppo\", "
            + "whose values are of states alone."), (error!.Option, error.Sentence));
    }

    static Dictionary<string, string> Bits(Learner learner) => learner.State
        .ToDictionary(pair => pair.Key, pair => string.Join(' ', pair.Value.ToDoubleArray()));

    static void Close(double[] expected, Tensor found) =>
        Assert.All(expected.Zip(found.ToDoubleArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
}
