using Retort.Recipes;
using Retort.Report;
using Retort.Tests.Recipes;
using Retort.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>
/// A contextual bandit in place of data: two contexts, two arms, a reward of 1 for the right
/// one. A split is a list of episodes by seed.
/// </summary>
public sealed record BanditOptions : DataOptions
{
    public override Dataset Open() => new()
    {
        Name = "bandit",
        Hash = "bandit",
        Training = new Episodes(1),
        Validation = new Episodes(2),
        Test = new Episodes(3),
    };
}

sealed class Episodes(int seed) : IDataSplit
{
    public int Count => 16;
    public DatasetInfo Info { get; } =
        new() { Targets = TargetKind.None, Classes = ["left", "right"], Inputs = [TensorSpec.Features(2)] };

    /// <summary>The context of an episode: 0 or 1.</summary>
    public static int Context(int seed, int episode) => new RandomStream(seed, StreamKey.Data, episode).NextInt(2);

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        var values = into.Float32(InputNames.Features, [2]);
        for (var i = 0; i < positions.Length; i++)
        {
            var context = Context(seed, positions[i]);
            (values[2 * i], values[2 * i + 1]) = (1 - context, context);
            into.Ids[i] = positions[i];
        }
    }
}

/// <summary>The task: the mean return of episodes.</summary>
public sealed record ReturnTaskOptions : TaskOptions
{
    public override LearningTask Build(DatasetInfo info) => new ReturnTask();
}

sealed class ReturnTask : LearningTask
{
    public override string Name => "return";
    public override OutputKey Output => Contracts.Output.Logits;
    public override IReadOnlyList<Score> Scores { get; } = [new("return", "return", ScoreUnit.Number)];
    public override bool HasTargets => false;
    public override Tensor SupervisedLoss(Batch batch, Outputs student) =>
        throw new InvalidOperationException("There are no labels.");

    public override IReadOnlyDictionary<string, double> Evaluate(
        Predictions predictions, Predictions? teacher = null, Predictions? training = null) =>
        new Dictionary<string, double> { ["return"] = predictions.Values.Average() };
}

public sealed record PolicyNetworkOptions : ModelOptions
{
    public override Network Build(DatasetInfo info) => new PolicyNetwork();
}

sealed class PolicyNetwork : Network
{
    readonly Linear policy = new(2, 2);

    public PolicyNetwork() : base(nameof(PolicyNetwork)) => RegisterComponents();

    public override OutputSet AvailableOutputs => Output.Logits;
    public override Outputs Forward(Inputs inputs, OutputSet wanted) =>
        new() { Logits = policy.call(inputs.Parts[0].Value) };
}

/// <summary>REINFORCE with a baseline on the bandit; its control takes as many steps without the baseline.</summary>
public sealed record PolicyOptions : ProcedureOptions
{
    public int Steps { get; init; } = 40;
    public bool HasBaseline { get; init; } = true;
    public override Procedure Build() => new Policy(this);
}

[Paper("proof-policy", "no paper: a proof that environments fit", 0)]
sealed class Policy(PolicyOptions options) : Procedure
{
    static readonly Artifact s_policy = new("policy.safetensors", ArtifactKind.Policy);

    public override IReadOnlyList<Artifact> Artifacts => [s_policy];
    public override MethodOptions Control => options with { HasBaseline = false };

    public override ProcedureResult Run(ProcedureContext context)
    {
        using var network = context.NewNetwork("policy");
        using var optimizer =
            context.NewOptimizer([.. network.named_parameters().Select(pair => (pair.name, pair.parameter))]);
        context.Loop(new()
        {
            Name = "learn", Steps = options.Steps,
            State = () =>
            [
                .. network.state_dict().Select(pair => KeyValuePair.Create("policy/" + pair.Key, pair.Value)),
                .. optimizer.State.Select(pair => KeyValuePair.Create("optimizer/" + pair.Key, pair.Value)),
            ],
            Step = step =>
            {
                var batch = context.BatchAt(context.Training, step);
                var random = new RandomStream(context.Seed, StreamKey.Method, step);
                optimizer.ZeroGrad();
                var logP = network.Forward(batch.Inputs, Output.Logits).Logits.LogSoftmax();    // [B, 2]
                var (p, contexts) = (logP.detach().exp().ToFloatArray(), batch.Inputs.Parts[0].Value.ToFloatArray());
                var actions = new long[batch.Count];
                var rewards = new float[batch.Count];
                for (var i = 0; i < batch.Count; i++)
                {
                    actions[i] = random.Uniform() < p[2 * i] ? 0 : 1;
                    rewards[i] = contexts[2 * i + (int)actions[i]] - (options.HasBaseline ? 0.5f : 0);
                }
                var chosen = logP.gather(1, actions.ToTensor(batch.Count, 1)).squeeze(1);      // [B]
                var loss = chosen.mul(rewards.ToTensor(batch.Count)).mean().neg();
                loss.backward();
                optimizer.Step(0.5);
                return loss.ToSingle();
            },
        });
        context.Save(s_policy, network.state_dict());
        context.SaveNetwork(
            "policy", network, validation: Play(context, network, context.Data.Validation),
            test: Play(context, network, context.Data.Test));
        return new([new("policy")]);
    }

    // greedy episodes: the return of each
    static Predictions Play(ProcedureContext context, Network network, IDataSplit episodes)
    {
        using var scope = NewDisposeScope();
        var batch = new HostBatch();
        episodes.Load([.. Enumerable.Range(0, episodes.Count)], View.Plain, batch);
        var inputs = batch.ToBatch(context.Device).Inputs;
        var logits = network.Forward(inputs, Output.Logits).Logits.ToFloatArray();
        var contexts = inputs.Parts[0].Value.ToFloatArray();
        return new()
        {
            Output = Output.Logits.Name, Width = 1, Labels = [.. Enumerable.Repeat(-1L, episodes.Count)],
            Ids = [.. Enumerable.Range(0, episodes.Count).Select(i => (long)i)],
            Values = [.. Enumerable.Range(0, episodes.Count)
                .Select(i => contexts[2 * i + (logits[2 * i] > logits[2 * i + 1] ? 0 : 1)])],
        };
    }
}

public sealed class EnvironmentProof
{
    [Fact]
    public void A_procedure_with_an_environment_in_place_of_data_goes_from_recipe_to_report_and_over_a_kill()
    {
        var recipe = new Recipe
        {
            Name = "bandit",
            Data = new BanditOptions(),
            Task = new ReturnTaskOptions(),
            Student = new PolicyNetworkOptions(),
            Method = new PolicyOptions(),
            Training = new() { Epochs = 2, BatchSize = 8, CheckpointSeconds = 0 },
            Seeds = 1,
            Threads = 1,
        };
        var whole = ProofRun.Whole(recipe);
        Assert.True(File.Exists(Path.Combine(whole, "networks", "student-seed1", "policy.safetensors")));
        ProofRun.KilledAndResumed(recipe, whole, "student-seed1/learn/checkpoint.safetensors");

        // the loop's steps, not the recipe's, and nothing that only the loop knows
        Assert.All((string[])["control", "student"], role =>
        {
            var config = TestRuns.Card(whole, $"{role}-seed1");
            Assert.Equal((40, 40, null), (config.Steps, config.BestStep, config.OtherSteps));
            var line = MetricsLog.Read(
                Path.Combine(whole, "networks", $"{role}-seed1", MetricsLog.FileName)).Single();
            Assert.Equal((40, null, null), (line.Step, line.Loss, line.LearningRate));
        });
        var results = TestRuns.Json(Path.Combine(whole, "results.json"));
        Assert.Equal(40, (long)results["student"]!["stepsInAll"]!);
        Assert.Equal(40, (long)results["control"]!["stepsInAll"]!);
        var curve = new RunList(Path.GetDirectoryName(whole)!).Curves("run").Single(one => one.Role == "student");
        Assert.Null(curve.Loss);
    }
}
