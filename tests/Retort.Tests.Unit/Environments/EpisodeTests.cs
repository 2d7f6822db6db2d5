using Retort.Environments;

namespace Retort.Tests.Environments;

/// <summary>Episodes: how they end, and what they refuse.</summary>
public sealed class EpisodeTests
{
    [Fact] // two steps, and the limit is two: the third reward would have come
    public void A_time_limit_is_no_end_of_the_environment()
    {
        var episode = new Episode(new Counting { Limit = 2 });
        episode.Begin(default);
        Assert.Equal(new EpisodeStep(1, EpisodeEnd.None), episode.Step([0]));
        Assert.Equal(new EpisodeStep(1, EpisodeEnd.TimeLimit), episode.Step([0]));
        Assert.Equal((2.0, 2), (episode.Return, episode.Steps));
    }

    [Fact] // both at once: the environment's own end counts, and nothing is worth anything after it
    public void An_end_within_the_last_step_is_an_end()
    {
        var episode = new Episode(new Counting { Limit = 2, EndsAt = 2 });
        episode.Begin(default);
        episode.Step([0]);
        Assert.Equal(EpisodeEnd.Terminated, episode.Step([0]).End);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_reward_that_is_not_finite_ends_the_episode_and_does_not_count(double reward)
    {
        var episode = new Episode(new Counting { BrokenAt = 2, Broken = reward });
        episode.Begin(default);
        episode.Step([0]);
        Assert.Equal(new EpisodeStep(0, EpisodeEnd.Broken), episode.Step([0]));
        Assert.Equal((1.0, 1), (episode.Return, episode.Steps));
    }

    [Fact] // a policy that breaks the environment would otherwise have the return of a shorter episode
    public void An_evaluated_episode_with_a_reward_that_is_not_finite_has_no_return()
    {
        var split = (EpisodeSplit)new CountingOptions { BrokenAt = 2 }.Open().Validation;
        Assert.Equal(
            "An evaluated episode of \"counting\" must have finite states and rewards; after step 1 one is NaN or "
                + "infinite, so that it has no return.",
            Assert.Throws<InvalidDataException>(() => split.Returns((_, count) => new float[count])).Message);
    }

    [Fact]
    public void Evaluated_episodes_need_a_time_limit_and_environments_are_disposed()
    {
        Assert.Equal(
            "The environment \"counting\" must have a time limit of at least 1 step, so that evaluated episodes end; "
                + "it is 0.",
            Assert.Throws<InvalidDataException>(() => new CountingOptions { Limit = 0 }.Open()).Message);
        var options = new CountingOptions();
        ((EpisodeSplit)options.Open().Validation).Returns((_, count) => new float[count]);
        Assert.Equal(0, options.Alive);
    }

    [Fact]
    public void An_action_of_the_wrong_size_is_refused_in_one_sentence()
    {
        var error = Assert.Throws<ArgumentException>(() => new Episode(new Pendulum()).Step([1, 2]));
        Assert.StartsWith("An action of \"pendulum\" has 1 number(s); 2 came.", error.Message);
    }

    [Theory]
    [InlineData(2, "An action of \"cart-pole\" is a whole number from 0 to 1; 2 came.")]
    [InlineData(0.5, "An action of \"cart-pole\" is a whole number from 0 to 1; 0.5 came.")]
    [InlineData(double.NaN, "An action of \"cart-pole\" must be finite; NaN came.")]
    public void An_action_that_is_none_is_refused_in_one_sentence(double action, string message) => Assert.StartsWith(
        message, Assert.Throws<ArgumentException>(() => new Episode(new CartPole()).Step([action])).Message);

    [Fact] // the same policy in all episodes side by side, and one after another
    public void Returns_are_those_of_the_episodes_by_themselves()
    {
        var split = (EpisodeSplit)new PendulumOptions { ValidationEpisodes = 3 }.Open().Validation;
        var together = split.Returns(
            (rows, count) => [.. Enumerable.Range(0, count).Select(i => Act(rows[3 * i + 1]))]);
        for (var i = 0; i < 3; i++)
        {
            var episode = split.Begin(i);
            while (episode.Step([Act((float)episode.Observation[1])]).End == EpisodeEnd.None) { }
            Assert.Equal((float)episode.Return, together.Values[i]);
        }
        Assert.Equal(("return", 1, 3), (together.Output, together.Width, together.Count));

        static float Act(float sine) => -2 * sine;
    }

    [Fact]
    public void An_environment_has_episodes_and_no_examples()
    {
        var data = new PendulumOptions { ValidationEpisodes = 4, TestEpisodes = 5 }.Open();
        Assert.Equal((0, 4, 5), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(TargetKind.Return, data.Info.Targets);
        Assert.NotEqual(data.Hash, new PendulumOptions { ValidationEpisodes = 4, TestEpisodes = 6 }.Open().Hash);
        var batch = new HostBatch();
        data.Validation.Load([0], View.Plain, batch);
        var first = batch.Float32("observation", [3]).ToArray();
        data.Test.Load([0], View.Plain, batch);
        Assert.NotEqual(first, batch.Float32("observation", [3]).ToArray());
    }

    /// <summary>Options of <see cref="Counting"/>; they count the environments that are not disposed.</summary>
    sealed record CountingOptions : EnvironmentOptions
    {
        readonly List<Counting> _built = [];

        public int Limit { get; init; } = 3;
        public int BrokenAt { get; init; }

        public int Alive => _built.Count(one => !one.IsDisposed);

        public override ControlEnvironment Build()
        {
            _built.Add(new() { Limit = Limit, BrokenAt = BrokenAt, Broken = double.NaN });
            return _built[^1];
        }
    }

    /// <summary>Rewards of 1, which may end or break at a step.</summary>
    sealed class Counting : ControlEnvironment
    {
        readonly double[] _state = [0];

        public int Limit { get; init; }
        public int EndsAt { get; init; }
        public int BrokenAt { get; init; }
        public double Broken { get; init; }
        public bool IsDisposed { get; private set; }
        public override string Name => "counting";
        public override IReadOnlyList<string> Observations => ["count"];
        public override ActionSpace Actions => ActionSpace.Box(-1, 1, "none");
        public override int TimeLimit => Limit;
        public override Span<double> State => _state;
        public override void Reset(ref RandomStream random) => _state[0] = 0;
        public override void Observe(Span<double> into) => into[0] = _state[0];

        public override void Dispose()
        {
            IsDisposed = true;
            base.Dispose();
        }

        public override StepOutcome Step(ReadOnlySpan<double> action)
        {
            _state[0]++;
            return new(_state[0] == BrokenAt ? Broken : 1, _state[0] == EndsAt);
        }
    }
}
