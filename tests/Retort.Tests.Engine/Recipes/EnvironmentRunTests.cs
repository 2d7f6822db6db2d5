using Retort.Cli.Commands;
using Retort.Contracts.Learners;
using Retort.Environments;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runtime;
using Retort.Tests.Contract;
using Retort.Tests.Methods;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Runs with an environment in place of data, from the recipe to the deployed policy.</summary>
public sealed class EnvironmentRunTests
{
    static readonly Lazy<string> s_run = new(() => Experiment.Run(
        FewEpisodes.Recipe("dpd") with { Seeds = 1 }, new() { Folder = TestRuns.Folder() }));

    [Fact]
    public void The_report_has_the_mean_return_and_the_curves_of_both_learners()
    {
        var results = TestRuns.Json(Path.Combine(s_run.Value, "results.json"));
        Assert.Equal("return", (string?)results["task"]!["primary"]);
        Assert.InRange((double)results["student"]!["scores"]!["return"]!["mean"]!, -2000, 0);
        var report = File.ReadAllText(Path.Combine(s_run.Value, "report.md"));
        Assert.Contains("Mean return on validation, learner 2", report, StringComparison.Ordinal);
        Assert.Contains("Mean action distance of the two learners", report, StringComparison.Ordinal);
        Assert.Contains("2 validation, 2 test", report, StringComparison.Ordinal);
        Assert.Empty(ReportCheck.Differences(s_run.Value, FewEpisodes.Recipe("dpd").Source.Open()));
    }

    [Fact] // the control of two learners with 300 steps is one with 600
    public void The_control_has_the_steps_of_both_learners()
    {
        var run = s_run.Value;
        var (control, student) = (TestRuns.Card(run, "control-seed1"), TestRuns.Card(run, "student-seed1"));
        Assert.Equal((600, 600), (control.Steps, student.Steps));
        Assert.Equal("ddpg", (string?)control.Method!["name"]);
        Assert.True(File.Exists(Path.Combine(s_run.Value, "networks/student-seed1/peer.safetensors")));
    }

    [Fact] // the same seeds and first weights: without imitation the learners are those of the control
    public void The_independent_control_is_two_learners_without_imitation()
    {
        var method = new DualPolicyOptions { Learner = FewEpisodes.Ddpg with { Steps = 300 }, BatchSize = 8 };
        var control = Assert.IsType<DualPolicyOptions>(
            (method with { ComparedWith = DualPolicyOptions.ControlKind.Independent }).Build().Control);
        Assert.Equal(DualPolicyOptions.WeightKind.None, control.Weighting);
        Assert.Equal(600, Assert.IsType<DdpgOptions>(method.Build().Control).Steps);
    }

    [Fact] // rounding differs between both engines, and grows over an episode
    public void The_exported_policy_has_the_returns_of_the_report()
    {
        var folder = Path.Combine(Few.Folder(), "policy");
        StudentFolder.Write(s_run.Value, new() { Folder = folder, Network = "student-seed1" });
        using var student = Student.Open(folder);
        Assert.True(PolicyPrediction.Fits(student));
        var picture = Path.Combine(Few.Folder(), "swing.svg");
        var found = new PolicyPrediction(folder, student).Run(2, picture, default);
        var stored = PredictionsFile.Read(
            Path.Combine(s_run.Value, "networks/student-seed1", PredictionsFile.Name), "test");
        Assert.All(found, one => Assert.Equal(stored.Values[one.Episode], one.Return, 1.0));
        Assert.Equal(200, found[0].Steps);
        Assert.InRange(new FileInfo(picture).Length, 1000, 20_000);
    }

    [Fact]
    public void Ppo_learns_with_discrete_actions_and_two_learners_of_it_teach_each_other()
    {
        var method = new DualPolicyOptions
        {
            Learner = FewEpisodes.Ppo with { Steps = 400, EvaluationInterval = 200 }, Interval = 1, BatchSize = 16,
        };
        var recipe = FewEpisodes.Of(method) with
        {
            Environment = new CartPoleOptions { ValidationEpisodes = 2, TestEpisodes = 2 }, Seeds = 1,
        };
        var run = Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });
        Assert.InRange(TestRuns.Card(run, "student-seed1").Figures!["finalReturn1"], 1, 500);
    }

    [Theory]
    [InlineData("training", "A recipe with an environment has only checkpointSeconds in training: steps, batches and "
        + "learning rates are options of the method.")]
    [InlineData("loss", "The method kd learns from examples, and the recipe has an environment: choose ddpg, ppo or "
        + "dpd, or name data in its place.")]
    [InlineData("data", "The method \"ddpg\" learns in an environment, and the recipe has data: name an environment in "
        + "place of data.")]
    [InlineData("network", "The method \"ddpg\" trains a deterministic policy: the student must be "
        + "\"deterministic-policy\".")]
    public void What_does_not_fit_is_refused_in_one_sentence(string what, string sentence)
    {
        var recipe = FewEpisodes.Recipe("ddpg");
        recipe = what switch
        {
            "training" => recipe with { Training = new() { Epochs = 3 } },
            "loss" => recipe with { Method = new SoftTargetsOptions() },
            "network" => recipe with { Student = new MlpOptions() },
            _ => TestRuns.Recipe() with { Method = recipe.Method, Teacher = null },
        };
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = TestRuns.Folder() })).Message);
    }

    [Fact] // the environment breaks at its 50th step of each episode: 600 / 50, and two evaluations of two episodes
    public void A_broken_environment_is_counted_and_learning_goes_on()
    {
        var policy = new DeterministicPolicyOptions { Hidden = [8, 8] };
        using var group = new LearnerGroup(
            FewEpisodes.Ddpg, new EpisodeContext(policy, new BrokenOptions { ValidationEpisodes = 2 }));
        for (var step = 0; step < group.Steps; step++)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            group.Step(step);
        }
        Assert.Equal((12, 4), (group.Figures()["brokenEpisodes"], group.Figures()["brokenEvaluations"]));
    }

    [Fact]
    public void A_policy_whose_episodes_break_at_the_end_has_no_score()
    {
        var recipe = FewEpisodes.Recipe("ddpg") with { Environment = new BrokenOptions(), Seeds = 1 };
        Assert.Equal(
            "An evaluated episode of \"broken\" must have finite states and rewards; after step 49 one is NaN or "
                + "infinite, so that it has no return.",
            Assert.Throws<InvalidDataException>(
                () => Experiment.Run(recipe, new() { Folder = TestRuns.Folder() })).Message);
    }
}

/// <summary>A pendulum whose 50th reward is not a number.</summary>
public sealed record BrokenOptions : EnvironmentOptions
{
    public override ControlEnvironment Build() => new Broken();

    sealed class Broken : ControlEnvironment
    {
        readonly double[] _state = new double[3];

        public override string Name => "broken";
        public override IReadOnlyList<string> Observations => ["x"];
        public override ActionSpace Actions { get; } = ActionSpace.Box(-1, 1, "push");
        public override int TimeLimit => 100;
        public override Span<double> State => _state;
        public override void Observe(Span<double> into) => into[0] = _state[0];

        public override void Reset(ref RandomStream random) => Array.Clear(_state);

        public override StepOutcome Step(ReadOnlySpan<double> action)
        {
            _state[0] += 0.1 * action[0];
            return new(++_state[1] == 50 ? double.NaN : -Math.Abs(_state[0]), false);
        }
    }
}
