using Retort.Models;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// What the rounds of a guide work with, without a run: a teacher, a student and batches of a few images.
/// </summary>
sealed class GuideContext(long steps) : ProcedureContext, IDisposable
{
    readonly NetworkTeacher _teacher = Few.Teacher();

    public override LearningTask Task => Few.Task;

    public override Dataset Data => Few.Data;

    public override IDataSplit Training => Few.Data.Training;

    public override ModelOptions Student { get; } = new ConvNetOptions { Widths = [4] };

    public override ITeacher? Teacher => _teacher;

    public override ModelOptions? TeacherModel => null;

    public override Device Device => CPU;

    public override int Seed => 1;

    public override long Steps => steps;

    public override long StepsPerEpoch => Training.Count / BatchSize;

    public override int BatchSize => 16;

    public override double MaxGradientNorm => 0;

    public override Network NewStudent() => NewNetwork("student");

    public override Network NewNetwork(string name, ModelOptions? model = null)
    {
        manual_seed(1);
        return ModuleFactory.Create(() => (model ?? Student).Build(Few.Data.Info));
    }

    public override Batch BatchAt(IDataSplit split, long step)
    {
        var (positions, pass) = new Sampler(split, BatchSize, Seed).At(step);
        var batch = new HostBatch();
        split.Load(positions, new View(Seed, pass), batch);
        return batch.ToBatch();
    }

    public override IReadOnlyDictionary<OutputKey, Predictions> Predict(
        ITeacher teacher, IDataSplit split, OutputSet outputs) => Evaluator.Predict(teacher, split, outputs);

    public override Predictions Predict(ITeacher teacher, IDataSplit split) =>
        Predict(teacher, split, Task.Output)[Task.Output];

    public override bool IsTrial => false;

    public override Predictions Predict(Network network, IDataSplit split) =>
        Evaluator.Predict(network, split, Task.Output);

    public override System.Text.Json.Nodes.JsonNode Describe(ModelOptions model) => throw new NotSupportedException();

    public override Network CopyTeacher() => throw new NotSupportedException();

    public override Optimizer NewOptimizer(
        IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        throw new NotSupportedException();

    public override double LearningRate(long step, long steps) => throw new NotSupportedException();

    public override ITeacher Train(TrainRequest request) => throw new NotSupportedException();

    public override string HashOf(ITeacher teacher) => throw new NotSupportedException();

    public override void Loop(LoopRequest request) => throw new NotSupportedException();

    public override void SaveNetwork(string name, Network network, ModelOptions? model = null,
        Predictions? validation = null, Predictions? test = null) => throw new NotSupportedException();

    public override void MeasureTerms(DistillationLoss loss, Network student, Func<Batch, Outputs> teacher) =>
        throw new NotSupportedException();

    public override void Save(Artifact artifact, IReadOnlyDictionary<string, Tensor> tensors) =>
        throw new NotSupportedException();

    public override string PathOf(Artifact artifact) => throw new NotSupportedException();

    public override IReadOnlyDictionary<string, Tensor>? Load(Artifact artifact) => throw new NotSupportedException();

    public void Dispose() => _teacher.Dispose();
}
