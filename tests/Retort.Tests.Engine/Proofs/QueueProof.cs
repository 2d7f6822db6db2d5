using Retort.Models;
using Retort.Recipes;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>Points without any label.</summary>
public sealed record UnlabelledOptions : DataOptions
{
    public static DatasetInfo Info { get; } = new()
    {
        Targets = TargetKind.None, Classes = [], Inputs = [TensorSpec.Features(6)],
    };

    public override Dataset Open() => new()
    {
        Name = "unlabelled",
        Hash = "unlabelled",
        Training = new Split(1, 64),
        Validation = new Split(2, 32),
        Test = new Split(3, 32),
    };

    sealed class Split(long seed, int count) : IDataSplit
    {
        public int Count => count;
        public int? Views => 1;
        public DatasetInfo Info => UnlabelledOptions.Info;

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            into.ViewIndex = 0;
            var values = into.Float32(InputNames.Features, [6]);
            for (var i = 0; i < positions.Length; i++)
            {
                var random = new RandomStream(seed, StreamKey.Data, positions[i]);
                for (var d = 0; d < 6; d++) values[6 * i + d] = (float)(random.Uniform() - 0.5);
                into.Ids[i] = positions[i];
            }
        }
    }
}

/// <summary>
/// Similarities to a queue of the teacher's past embeddings, and agreement with a momentum encoder: a queue in the
/// method's state, and a moving average of constant decay.
/// </summary>
public sealed record QueueOptions : LossOptions
{
    public override DistillationLoss Build(MethodContext context) =>
        new Queue(context.Teacher!.Width(Output.Embedding));
}

[Paper("proof-queue", "no paper: a proof that queues and momentum encoders fit", 0)]
sealed class Queue : DistillationLoss
{
    readonly QueueState _state;

    public Queue(int width) => _state = new(width);

    public override RequiredOutputs Requires => new(Output.Embedding, Output.Embedding, Output.Embedding);
    public override Module? State => _state;
    public override EmaSettings Ema => new(Decay: 0.9, WarmUp: false);

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var p = teacher.Embedding.MatMul(_state.queue.t()).Softmax();       // [B, K]
        var logQ = student.Embedding.MatMul(_state.queue.t()).LogSoftmax(); // [B, K]
        return new()
        {
            ["similarity"] = KlDivergence(p, logQ),
            ["momentum"] = student.Embedding.sub(student.Ema.Embedding).square().mean(),
        };
    }

    // the oldest rows make room for the batch
    public override void AfterStep(Batch batch, Outputs teacher, Outputs student)
    {
        using var shifted = cat([_state.queue[TensorIndex.Slice(batch.Count)], teacher.Embedding], 0);
        _state.queue.copy_(shifted);
    }

    sealed class QueueState : nn.Module
    {
        public readonly Tensor queue;

        public QueueState(int width) : base(nameof(QueueState))
        {
            queue = ones(32, width).div(width);
            RegisterComponents();
        }
    }
}

public sealed class QueueProof
{
    [Fact]
    public void An_embedding_task_without_labels_goes_from_recipe_to_report_and_over_a_kill()
    {
        var teacher = Path.Combine(Few.Folder(), "teacher.safetensors");
        using (var network = ModuleFactory.Create(() =>
        {
            manual_seed(5);
            return new MlpOptions { Hidden = [16, 8] }.Build(UnlabelledOptions.Info);
        })) SafeTensors.Write(teacher, network.state_dict());
        var recipe = new Recipe
        {
            Name = "queue", Data = new UnlabelledOptions(), Task = new EmbeddingOptions(),
            Teacher = new CheckpointTeacherOptions { Network = new MlpOptions { Hidden = [16, 8] }, Path = teacher },
            Student = new MlpOptions { Hidden = [8] }, Method = new QueueOptions(),
            Training = new() { Epochs = 4, BatchSize = 16, CheckpointSeconds = 0 }, Seeds = 3, Threads = 1,
        };
        var whole = ProofRun.Whole(recipe);
        var results = Retort.Tests.Recipes.TestRuns.Json(Path.Combine(whole, "results.json"));
        Assert.Equal("cosine", (string)results["task"]!["primary"]!);
        ProofRun.KilledAndResumed(recipe, whole, "student-seed2/checkpoint.safetensors");
    }
}
