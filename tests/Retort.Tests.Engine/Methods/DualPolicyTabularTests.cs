using Retort.Methods;
using static Retort.Methods.DualPolicyOptions;

namespace Retort.Tests.Methods;

/// <summary>The paper's claims where values are exact: no learning but imitation.</summary>
public sealed class DualPolicyTabularTests
{
    // two states that alternate, γ = ½; action 0 is right in the first, action 1 in the second
    static readonly TabularMdp s_chain = new([[[0, 1], [0, 1]], [[1, 0], [1, 0]]], [[1, 0], [0, 1]], 0.5);

    [Fact] // V = r + V' / 2: (4/3, 2/3) and (2/3, 4/3); the hybrid has 1 + V / 2 = 2 in both
    public void The_hybrid_of_two_policies_is_better_than_both()
    {
        var (one, other) = (s_chain.Of([0, 0]), s_chain.Of([1, 1]));
        Close([4.0 / 3, 2.0 / 3], s_chain.Values(one));
        Close([2.0 / 3, 4.0 / 3], s_chain.Values(other));
        Close([2, 2], s_chain.Values(s_chain.Of([0, 1])));
    }

    [Theory] // a full copy where the weight is positive: what of the six weights is left
    [InlineData(WeightKind.Indicator, 2, 2)]
    [InlineData(WeightKind.LocalAdvantage, 2, 2)]
    [InlineData(WeightKind.Uniform, 2.0 / 3, 4.0 / 3)]
    [InlineData(WeightKind.Inverted, 0, 0)]                                 // a copy where the learner is ahead
    public void One_round_of_copies_in_the_chain(WeightKind kind, double first, double second)
    {
        var (mine, peers) = (s_chain.Of([0, 0]), s_chain.Of([1, 1]));
        Close([first, second], s_chain.Values(Copied(s_chain, kind, mine, peers)));
    }

    [Fact] // ξ > 0 in both states, and the peer's action in the first is worse: Q(s1, 0.2) = 17/15 < 4/3
    public void A_gap_of_values_is_too_coarse_where_an_action_is_only_worse()
    {
        // continuous actions of 0 to 1 as mixtures of the two: action a is the second with probability a
        double[][] mine = [[1, 0], [1, 0]], peers = [[0.8, 0.2], [0, 1]];
        Close([26.0 / 15, 28.0 / 15], s_chain.Values(peers));
        Close([17.0 / 15, 5.0 / 3], s_chain.Qualities(peers, s_chain.Values(mine)));
        Close([26.0 / 15, 28.0 / 15], s_chain.Values(Copied(s_chain, WeightKind.Indicator, mine, peers)));
        Close([2, 2], s_chain.Values(Copied(s_chain, WeightKind.LocalAdvantage, mine, peers)));
    }

    [Fact] // Experiment A: V_hybrid ≥ max(V, Ṽ) in every state of 200 random processes
    public void The_hybrid_is_never_worse_in_any_state()
    {
        var random = new RandomStream(1, StreamKey.Data);
        var (strict, worse, gains) = (0, new int[3], new double[3]);
        WeightKind[] kinds = [WeightKind.Indicator, WeightKind.Uniform, WeightKind.LocalAdvantage];
        for (var draw = 0; draw < 200; draw++)
        {
            var mdp = TabularMdp.Random(ref random);
            var (mine, peers) = (Drawn(mdp, ref random), Drawn(mdp, ref random));
            var (v, its) = (mdp.Values(mine), mdp.Values(peers));
            double[] best = [.. v.Zip(its, Math.Max)];
            var hybrid = mdp.Values(Copied(mdp, WeightKind.Indicator, mine, peers));
            Assert.All(hybrid.Zip(best), pair => Assert.True(pair.First >= pair.Second - 1e-10));
            strict += hybrid.Zip(best).Any(pair => pair.First > pair.Second + 1e-9) ? 1 : 0;
            foreach (var (i, kind) in kinds.Index())
            {
                var found = mdp.Values(Copied(mdp, kind, mine, peers));
                worse[i] += found.Zip(v).Any(pair => pair.First < pair.Second - 1e-9) ? 1 : 0;
                gains[i] += found.Average() - v.Average();
            }
        }
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
            $"strict {strict}, worse {string.Join(' ', worse)}, gains {string.Join(' ', gains.Select(g => g / 200))}"));
        Assert.Equal((0, 0), (worse[0], worse[2]));
        Assert.True(worse[1] > 100 && strict > 50);
        Assert.True(gains[2] > gains[0] && gains[0] > 5 * gains[1]);
    }

    [Fact] // Experiment B: softened weights without any learning
    public void Weighted_imitation_gains_and_the_wrong_sign_destroys()
    {
        var exact = Gain(WeightKind.Exp, alpha: 1, noise: 0);
        var uniform = Gain(WeightKind.Uniform, alpha: 1, noise: 0);
        var inverted = Gain(WeightKind.Inverted, alpha: 1, noise: 0);
        Assert.True(exact.Mean > 0.5 && uniform.Mean < 0 && inverted.Mean < -1.5, $"{exact} {uniform} {inverted}");
    }

    [Fact] // the paper's motive for the soft form: values are estimates
    public void Gains_with_noisy_values_are_written_for_the_page()
    {
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var noise in (double[])[0, 0.5, 1, 2])
            foreach (var (kind, alpha) in ((WeightKind, double)[])
                [(WeightKind.Exp, 0.1), (WeightKind.Exp, 0.5), (WeightKind.Exp, 1), (WeightKind.Exp, 5),
                    (WeightKind.Indicator, 1), (WeightKind.Uniform, 1), (WeightKind.Inverted, 1)])
            {
                var (mean, error) = Gain(kind, alpha, noise);
                output.WriteLine(FormattableString.Invariant(
                    $"σ {noise} {kind} α {alpha}: {mean:0.00} ± {error:0.00}"));
            }
        Assert.True(Gain(WeightKind.Exp, 1, noise: 2).Mean < Gain(WeightKind.Exp, 1, noise: 0).Mean);
    }

    // the mean value of both learners after 30 rounds, minus that of the better one before; mean and standard error
    static (double Mean, double Error) Gain(WeightKind kind, double alpha, double noise)
    {
        const int Draws = 60;
        var random = new RandomStream(2, StreamKey.Data);
        var disturbance = new RandomStream(3, StreamKey.Data);
        var gains = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            using var scope = torch.NewDisposeScope();
            var mdp = TabularMdp.Random(ref random);
            double[][][] policies = [Softmax(mdp, ref random), Softmax(mdp, ref random)];
            var before = policies.Max(policy => mdp.Values(policy).Average());
            for (var round = 0; round < 30; round++)
                for (var me = 0; me < 2; me++)
                {
                    var (v, its) = (mdp.Values(policies[me]), mdp.Values(policies[1 - me]));
                    var weights = Weights(kind, alpha, noise, [.. its.Zip(v, (a, b) => a - b)], ref disturbance);
                    policies[me] = Mixed(policies[me], policies[1 - me], weights);
                }
            gains[draw] = policies.Average(policy => mdp.Values(policy).Average()) - before;
        }
        var mean = gains.Average();
        var variance = gains.Sum(gain => (gain - mean) * (gain - mean)) / (Draws - 1);
        return (mean, Math.Sqrt(variance / Draws));
    }

    // ξ with noise, divided by its deviation; the mean of the weights is 1, of an indicator 2 where it is positive
    static double[] Weights(WeightKind kind, double alpha, double noise, double[] gap, ref RandomStream random)
    {
        var deviation = Deviation(gap);
        var noisy = new float[gap.Length];
        for (var s = 0; s < gap.Length; s++) noisy[s] = (float)(gap[s] + noise * deviation * random.Normal());
        var scale = Deviation([.. noisy.Select(one => (double)one)]);
        float[] standard = [.. noisy.Select(one => (float)(one / (scale + 1e-8)))];
        var options = new DualPolicyOptions { Weighting = kind, Alpha = alpha };
        var tensor = standard.ToTensor(standard.Length);
        return kind == WeightKind.Indicator
            ? [.. DualPolicy.RawWeights(options, tensor).ToDoubleArray().Select(w => 2 * w)]
            : [.. DualPolicy.Weights(options, tensor).ToDoubleArray().Select(w => gap.Length * w)];
    }

    // π ← π + clip(0.2 w, 0, 1) (π̃ − π)
    static double[][] Mixed(double[][] mine, double[][] peers, double[] weights) =>
    [
        .. mine.Select((row, s) => row.Zip(peers[s],
            (p, q) => p + Math.Clamp(0.2 * weights[s], 0, 1) * (q - p)).ToArray()),
    ];

    static double[][] Softmax(TabularMdp mdp, ref RandomStream random)
    {
        var policy = new double[mdp.States][];
        for (var s = 0; s < mdp.States; s++)
        {
            var row = new double[mdp.Actions];
            for (var a = 0; a < row.Length; a++) row[a] = Math.Exp(2 * random.Normal());
            policy[s] = [.. row.Select(one => one / row.Sum())];
        }
        return policy;
    }

    static double[][] Drawn(TabularMdp mdp, ref RandomStream random)
    {
        var actions = new int[mdp.States];
        for (var s = 0; s < actions.Length; s++) actions[s] = random.NextInt(mdp.Actions);
        return mdp.Of(actions);
    }

    // the peer's row where the weight is positive; Inverted: where the learner is ahead
    static double[][] Copied(TabularMdp mdp, WeightKind kind, double[][] mine, double[][] peers)
    {
        var (v, its) = (mdp.Values(mine), mdp.Values(peers));
        var local = mdp.Qualities(peers, v);
        return
        [
            .. mine.Select((row, s) => kind switch
            {
                WeightKind.Uniform => true,
                WeightKind.Inverted => its[s] < v[s],
                WeightKind.LocalAdvantage => local[s] > v[s] + 1e-12,
                _ => its[s] > v[s],
            } ? peers[s] : row),
        ];
    }

    static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(one => (one - mean) * (one - mean)));
    }

    static void Close(double[] expected, double[] found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
}
