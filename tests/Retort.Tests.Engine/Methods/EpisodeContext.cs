using Retort.Contracts.Learners;
using Retort.Environments;
using Retort.Models;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>What learners work with, without a run: an environment and policies.</summary>
sealed class EpisodeContext(ModelOptions policy, EnvironmentOptions? environment = null) : ProcedureContext
{
    readonly EnvironmentOptions _environment = environment ?? new PendulumOptions { ValidationEpisodes = 2 };

    public override EnvironmentOptions Environment => _environment;
    public override Dataset Data => field ??= _environment.Open();
    public override LearningTask Task => new Retort.Tasks.ReturnOptions().Build(Data.Info);
    public override IDataSplit Training => Data.Training;
    public override ModelOptions Student => policy;
    public override ITeacher? Teacher => null;
    public override ModelOptions? TeacherModel => null;
    public override Device Device => CPU;
    public override int Seed => 1;
    public override long Steps => throw new NotSupportedException();
    public override long StepsPerEpoch => throw new NotSupportedException();
    public override int BatchSize => throw new NotSupportedException();
    public override double MaxGradientNorm => 0;
    public override bool IsTrial => false;

    /// <summary>Two learners after so many steps of each.</summary>
    public static LearnerGroup Pair(LearnerOptions options, ModelOptions policy, int steps, int window = 100)
    {
        var group = new LearnerGroup(options, new EpisodeContext(policy), count: 2, window);
        foreach (var learner in group.Learners)
            for (var step = 0; step < steps; step++)
            {
                using var scope = NewDisposeScope();
                learner.Step(step);
            }
        return group;
    }

    public override Network NewStudent() => Built(policy, 1);
    public override Network NewNetwork(string name, ModelOptions? model = null) => Built(model ?? policy, name.Length);
    public override Network CopyTeacher() => throw new NotSupportedException();
    public override double LearningRate(long step, long steps) => throw new NotSupportedException();
    public override ITeacher Train(TrainRequest request) => throw new NotSupportedException();
    public override string HashOf(ITeacher teacher) => throw new NotSupportedException();
    public override void Loop(LoopRequest request) => throw new NotSupportedException();
    public override Batch BatchAt(IDataSplit split, long step) => throw new NotSupportedException();
    public override string PathOf(Artifact artifact) => throw new NotSupportedException();

    public override Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        throw new NotSupportedException();

    public override Predictions Predict(ITeacher teacher, IDataSplit split) => throw new NotSupportedException();

    public override Predictions Predict(Network network, IDataSplit split) => throw new NotSupportedException();

    public override System.Text.Json.Nodes.JsonNode Describe(ModelOptions model) => throw new NotSupportedException();

    public override IReadOnlyDictionary<OutputKey, Predictions> Predict(
        ITeacher teacher, IDataSplit split, OutputSet outputs) => throw new NotSupportedException();

    public override void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null) => throw new NotSupportedException();

    public override void MeasureTerms(DistillationLoss loss, Network student, Func<Batch, Outputs> teacher) =>
        throw new NotSupportedException();

    public override void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors) =>
        throw new NotSupportedException();

    public override IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact) => throw new NotSupportedException();

    Network Built(ModelOptions model, int seed)
    {
        manual_seed(seed);
        return ModuleFactory.Create(() => model.Build(Data.Info));
    }
}
