using Retort.Contracts.Learners;

namespace Retort.Tests.Environments;

/// <summary>Rules of learners that need no tensors.</summary>
public sealed class LearnerRuleTests
{
    const double Discount = 0.99;
    const double Lambda = 0.95;

    [Fact] // δ = 0.995 each; A₂ = 0.995, A₁ = 0.995 + 0.9405 · 0.995, A₀ = 0.995 + 0.9405 A₁
    public void The_generalized_advantage_of_three_steps()
    {
        var found = GeneralizedAdvantage.Of([1, 1, 1], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [false, false, true],
            Discount, Lambda);
        Close([2.8109150488, 1.9307975, 0.995], found);
    }

    [Fact] // the second step ends its episode: nothing comes after it, and A₁ = 1 − 0.5
    public void An_episode_that_ends_within_a_rollout_cuts_the_advantage()
    {
        var found = GeneralizedAdvantage.Of([1, 1, 1], [0.5, 0.5, 0.5], [0.5, 0, 0.5], [false, true, true],
            Discount, Lambda);
        Close([1.46525, 0.5, 0.995], found);
    }

    [Fact] // a time limit: the value of the state reached still counts, and the next episode's advantage does not
    public void A_time_limit_within_a_rollout_is_bootstrapped()
    {
        var found = GeneralizedAdvantage.Of([1, 1, 1], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [false, true, true],
            Discount, Lambda);
        Close([0.995 + 0.9405 * 0.995, 0.995, 0.995], found);
    }

    [Theory] // 0.2 / 1.01 and 0.2 · 1.01
    [InlineData(0.3, 0.1980198)]
    [InlineData(0.1, 0.202)]
    public void Noise_on_weights_follows_the_change_of_the_actions(double change, double expected) =>
        Assert.Equal(expected, ParameterNoise.Adapted(0.2, change, target: 0.2), 1e-7);

    [Fact] // 1 − 0.15 · 1 · 0.01 + √0.01 · 0.5
    public void Noise_that_goes_on_is_drawn_to_zero() =>
        Assert.Equal(1.0485, DdpgLearner.NextOu(1, drawn: 0.5), 1e-12);

    [Fact] // turns of 2 and 3 steps each: 0 0 1 1 and then the last turn of one step each
    public void Learners_take_turns_and_each_gets_its_steps() => Assert.Equal(
        [(0, 0L), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2)],
        Enumerable.Range(0, 6).Select(step => LearnerGroup.TurnAt(step, turn: 2, steps: 3, count: 2)));

    [Theory] // of one row a normalized advantage is 0, and nothing would be learned
    [InlineData(100, 64, 1000, "must be at most half of rolloutSteps, 100, since advantages are normalized in each of "
        + "them; it is 64.")]
    [InlineData(2048, 64, 2000, "must be at most the 2000 steps; it is 2048.")]
    public void Settings_of_ppo_that_learn_nothing(int rollout, int minibatches, int steps, string sentence) =>
        Assert.Equal(sentence, OptionRules.Find(
            new PpoOptions { RolloutSteps = rollout, Minibatches = minibatches, Steps = steps })!.Sentence);

    static void Close(double[] expected, double[] found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
}
