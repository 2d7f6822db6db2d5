using Retort.Contracts.Learners;
using Retort.Environments;
using Retort.Models;
using Retort.Tests.Contract;

namespace Retort.Tests.Methods;

/// <summary>DDPG and PPO by hand.</summary>
public sealed class LearnerTests
{
    [Fact] // r + γ Q' = 1 + 0.99 · 2, and 1 where the episode is at its end
    public void The_critics_target()
    {
        using var scope = torch.NewDisposeScope();
        float[] reward = [1, 1], terminated = [0, 1], value = [2, 2];
        var y = DdpgLearner.Target(reward.ToTensor(2), terminated.ToTensor(2), value.ToTensor(2), discount: 0.99);
        Close([2.98, 1], y);
    }

    [Fact] // 0.99 · 1 + 0.01 · 3
    public void A_target_network_follows_slowly()
    {
        using var scope = torch.NewDisposeScope();
        var (online, target) = (new Linear(1, 1), new Linear(1, 1));
        using (torch.no_grad())
        {
            foreach (var parameter in online.parameters()) parameter.fill_(3);
            foreach (var parameter in target.parameters()) parameter.fill_(1);
        }
        DdpgLearner.SoftUpdate(online, target, 0.01);
        Assert.All(target.parameters(), parameter => Assert.Equal(1.02, parameter.ToDouble(), 1e-6));
    }

    [Theory] // max(−A ρ, −A clip(ρ, 0.8, 1.2))
    [InlineData(1, 1.5, -1.2)]
    [InlineData(-1, 1.5, 1.5)]
    [InlineData(1, 0.5, -0.5)]
    [InlineData(-1, 0.5, 0.8)]
    public void The_clipped_loss_of_ppo(float advantage, float ratio, double expected)
    {
        using var scope = torch.NewDisposeScope();
        float[] a = [advantage], r = [ratio];
        Close([expected], PpoUpdate.Clipped(a.ToTensor(1), r.ToTensor(1), 0.2));
    }

    [Fact] // of a standard normal action at 1: −½ − ½ log 2π; of two equally likely actions: log ½
    public void The_log_probability_of_an_action()
    {
        using var scope = torch.NewDisposeScope();
        using var normal = Policy(new PendulumOptions());
        using var discrete = Policy(new CartPoleOptions());
        Close([-0.5 - 0.5 * Math.Log(2 * Math.PI)],
            new ActionDistribution(normal, torch.zeros(1, 1)).LogProbability(torch.ones(1, 1)));
        Close([Math.Log(0.5)],
            new ActionDistribution(discrete, torch.zeros(1, 2)).LogProbability(torch.ones(1, 1)));
        Close([Math.Log(2)], new ActionDistribution(discrete, torch.zeros(1, 2)).Entropy().reshape(1));
        Close([0.5 + 0.5 * Math.Log(2 * Math.PI)],
            new ActionDistribution(normal, torch.zeros(1, 1)).Entropy().reshape(1));

        static PolicyNetwork Policy(EnvironmentOptions environment) => (PolicyNetwork)ModuleFactory.Create(
            () => new StochasticPolicyOptions { Hidden = [4] }.Build(environment.Open().Info));
    }

    [Fact] // the tanh's ±1 are the bounds ±2 of the torque
    public void A_policy_acts_within_the_bounds_and_standardizes_by_its_own_statistics()
    {
        using var scope = torch.NewDisposeScope();
        var info = new PendulumOptions().Open().Info;
        using var policy = (PolicyNetwork)ModuleFactory.Create(() => new DeterministicPolicyOptions().Build(info));
        policy.SetStatistics([0, 0, 1], [1, 1, 2]);
        float[] observation = [1, 0, 5];
        var o = observation.ToTensor(1, 3);
        Close([1, 0, 2], policy.Standardized(o));
        var action = policy.Forward(new(("observation", o)), Output.Action).Action.ToDouble();
        Assert.Equal(2 * policy.Unit(policy.Standardized(o)).ToDouble(), action, 1e-6);
        Assert.Contains("observation_mean", policy.state_dict().Keys);
    }

    [Fact]
    public void A_learner_that_pendulum_ends_at_its_limit_stores_no_end()
    {
        using var scope = torch.NewDisposeScope();
        var options = FewEpisodes.Ddpg with { CollectSteps = 1000 };
        using var group = EpisodeContext.Pair(options, new DeterministicPolicyOptions { Hidden = [8] }, steps: 201);
        var rows = group.Learners[0].State.Single(pair => pair.Key == "steps").Value.ToFloatArray();
        var width = rows.Length / 600;
        Assert.All(Enumerable.Range(0, 201), i => Assert.Equal(0, rows[i * width + 5]));   // s, a, r, end, s'
    }

    [Fact]
    public void Discrete_actions_are_refused_by_ddpg_in_one_sentence()
    {
        var info = new CartPoleOptions().Open().Info;
        var task = new Retort.Tasks.ReturnOptions().Build(info);
        var error = Assert.Throws<InvalidOperationException>(() => new DdpgOptions().Build()
            .CheckNetworks(task, info, new StochasticPolicyOptions(), null));
        Assert.Equal("The method \"ddpg\" needs actions that are numbers between bounds; this environment's are "
            + "discrete: left, right. Choose the learner \"ppo\".", error.Message);
        Assert.StartsWith("deterministic-policy computes numbers between bounds",
            Assert.Throws<InvalidOperationException>(() => new DeterministicPolicyOptions().Build(info)).Message);
        Assert.StartsWith("The method \"ppo\" trains a policy that draws its actions",
            Assert.Throws<InvalidOperationException>(() => new PpoOptions().Build().CheckNetworks(
                task, new PendulumOptions().Open().Info, new DeterministicPolicyOptions(), null)).Message);
    }

    static void Close(double[] expected, Tensor found) =>
        Assert.All(expected.Zip(found.ToDoubleArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
}
