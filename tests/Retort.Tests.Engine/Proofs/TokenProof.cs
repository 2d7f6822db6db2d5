using Retort.Models;
using Retort.Recipes;
using Retort.Teachers;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>Sentences of 3 to 9 token ids; the class is the majority of two kinds of tokens.</summary>
public sealed record TokenDataOptions : DataOptions
{
    public override Dataset Open() => new()
    {
        Name = "tokens",
        Hash = "tokens",
        Training = new TokenSplit(1, 48),
        Validation = new TokenSplit(2, 24),
        Test = new TokenSplit(3, 24),
    };
}

sealed class TokenSplit : IDataSplit
{
    readonly long[][] _rows;

    public TokenSplit(long seed, int count)
    {
        var random = new RandomStream(seed, StreamKey.Data);
        _rows = new long[count][];
        for (var i = 0; i < count; i++)
        {
            _rows[i] = new long[3 + random.NextInt(7)];
            for (var t = 0; t < _rows[i].Length; t++) _rows[i][t] = 1 + random.NextInt(18);
        }
    }

    public int Count => _rows.Length;
    public int? Views => 1;

    public DatasetInfo Info { get; } = new()
    {
        Classes = ["low", "high"],
        Inputs = [TensorSpec.Tokens(InputNames.InputIds, 9, 20), TensorSpec.Tokens(InputNames.AttentionMask, 9)],
    };

    public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
    {
        into.Reset(positions.Length);
        into.ViewIndex = 0;
        var rows = new List<ReadOnlyMemory<long>>();
        for (var i = 0; i < positions.Length; i++)
        {
            var row = _rows[positions[i]];
            rows.Add(row);
            into.Ids[i] = positions[i];
            into.Labels[i] = 2 * row.Count(id => id > 9) > row.Length ? 1 : 0;
        }
        into.Pad(InputNames.InputIds, rows);
    }
}

/// <summary>
/// An embedding table, one attention layer of any number of heads, a mean over the tokens, a classifier.
/// </summary>
public sealed record TokenNetworkOptions : ModelOptions
{
    public int Width { get; init; } = 8;
    public int Heads { get; init; } = 2;
    public override Network Build(DatasetInfo info) => new TokenNetwork(this, info);
}

sealed class TokenNetwork : Network
{
    readonly Retort.Tensors.Embedding embeddings;
    readonly Linear query, key, value, classifier;
    readonly int _heads;

    public TokenNetwork(TokenNetworkOptions options, DatasetInfo data) : base(nameof(TokenNetwork))
    {
        _heads = options.Heads;
        embeddings = new(20, options.Width);
        (query, key, value) =
            (new(options.Width, options.Width), new(options.Width, options.Width), new(options.Width, options.Width));
        classifier = new(options.Width, data.Classes.Count);
        RegisterComponents();
    }

    public override OutputSet AvailableOutputs =>
        Output.Logits | Output.Embedding | Output.HiddenStates | Output.Attentions | Output.TokenEmbeddings;

    public override Outputs Forward(Inputs inputs, OutputSet wanted)
    {
        var mask = inputs.AttentionMask.ToMask();                          // [B, T]
        var x = embeddings.call(inputs.InputIds);                           // [B, T, D]
        var (q, k, v) = (Heads(query.call(x)), Heads(key.call(x)), Heads(value.call(x)));    // [B, H, T, D/H]
        var scores = q.MatMul(k.Transpose()).Times(1 / Math.Sqrt(q.shape[3]));
        var attention = scores.MaskedSoftmax(mask.Unsqueeze(1).Unsqueeze(1));   // [B, H, T, T]
        var mixed = attention.MatMul(v).Permute(0, 2, 1, 3).Reshape(x.shape[0], x.shape[1], x.shape[2]);
        var last = x.Add(mixed);                                            // [B, T, D]
        var pooled = last.MeanTokens(mask);                                 // [B, D]
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? classifier.call(pooled) : null,
            Embedding = wanted.Contains(Output.Embedding) ? pooled : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? [x, last] : null,
            Attentions = wanted.Contains(Output.Attentions) ? [attention] : null,
            TokenEmbeddings = wanted.Contains(Output.TokenEmbeddings) ? last : null,
        };
    }

    Tensor Heads(Tensor x) => x.Reshape(x.shape[0], x.shape[1], _heads, x.shape[2] / _heads).Permute(0, 2, 1, 3);
}

/// <summary>
/// Attention maps (mean over heads) at the pairs of real tokens, and the last hidden states at the real tokens.
/// </summary>
public sealed record TokenLossOptions : LossOptions
{
    public override DistillationLoss Build(MethodContext context) => new TokenLoss(context.Task);
}

[Paper("proof-token-loss", "no paper: a proof that token losses fit", 0)]
sealed class TokenLoss(LearningTask task) : DistillationLoss
{
    public override RequiredOutputs Requires => Output.Logits | Output.HiddenStates | Output.Attentions;

    public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
    {
        var mask = batch.Inputs.AttentionMask.ne(0);                        // [B, T]
        var pairs = mask.unsqueeze(2).logical_and(mask.unsqueeze(1));       // [B, T, T]
        var (t, s) = (teacher.Attentions[0].mean([1]), student.Attentions[0].mean([1]));    // [B, T, T]
        return new()
        {
            ["labels"] = task.SupervisedLoss(batch, student),
            ["attentions"] = s.sub(t).masked_select(pairs).square().mean().Times(100),
            ["hidden"] = TokenMeanSquaredError(teacher.HiddenStates[^1], student.HiddenStates[^1], mask),
        };
    }
}

public sealed class TokenProof
{
    static Recipe Recipe => new()
    {
        Name = "tokens", Data = new TokenDataOptions(),
        Teacher = new TrainedTeacherOptions { Network = new TokenNetworkOptions { Heads = 4 }, Training = Training(3) },
        Student = new TokenNetworkOptions(),
        Method = new TokenLossOptions(),
        Training = Training(3),
        Seeds = 1,
        Threads = 1,
    };

    static TrainingOptions Training(int epochs) => new()
    {
        Epochs = epochs, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.02, CheckpointSeconds = 0,
    };

    [Fact]
    public void Token_ids_masks_attentions_and_hidden_states_go_from_recipe_to_report_and_over_a_kill()
    {
        var whole = ProofRun.Whole(Recipe);
        ProofRun.KilledAndResumed(Recipe, whole, "student-seed1/checkpoint.safetensors");

        var epochs = MetricsLog.Read(Path.Combine(whole, "networks", "student-seed1", MetricsLog.FileName));
        var (first, last) = (epochs[0].Loss!["attentions"], epochs[^1].Loss!["attentions"]);
        Assert.True(first > 1e-4 && last < first, $"attentions: {first} → {last}");
    }

    [Fact]
    public void A_cache_of_varying_outputs_teaches_what_the_teacher_does()
    {
        var whole = ProofRun.Whole(Recipe);
        var cached = ProofRun.Whole(Recipe with
        {
            Teacher = new CachedTeacherOptions
            {
                Teacher = Recipe.Teacher!,
                Codec = new Retort.Teachers.Cache.Float32Options(),
            },
        });
        Assert.Equal(Weights(whole), Weights(cached));

        static byte[] Weights(string run) =>
            File.ReadAllBytes(Path.Combine(run, "networks", "student-seed1", "model.safetensors"));
    }

    [Fact]
    public void Padding_changes_no_output_and_no_loss()
    {
        var split = new TokenSplit(5, 6);
        using var scope = NewDisposeScope();
        using var network = ModuleFactory.Create(() => new TokenNetworkOptions().Build(split.Info));
        using var teacher = ModuleFactory.Create(() => new TokenNetworkOptions { Heads = 4 }.Build(split.Info));
        using var method = new TokenLoss(new Retort.Tasks.ClassificationOptions().Build(split.Info));
        var batch = new HostBatch();
        split.Load([0, 1, 2, 3, 4, 5], View.Plain, batch);
        var tight = batch.ToBatch();
        var wide = new Batch
        {
            Inputs = new(
            [
                .. tight.Inputs.Parts.Select(part => (part.Name, cat([part.Value, zeros(6, 5, ScalarType.Int64)], 1))),
            ]),
            Labels = tight.Labels, Labelled = tight.Labelled, Ids = tight.Ids,
        };
        var (terms, widened) = (Terms(tight), Terms(wide));
        Assert.Equal(["labels", "attentions", "hidden"], terms.Select(term => term.Name));
        Assert.All(terms.Zip(widened), pair =>
        {
            Assert.Equal(pair.First.Value, pair.Second.Value, 1e-6f);
            Assert.True(pair.First.Value > 1e-4f, $"{pair.First.Name} is {pair.First.Value}");
        });
        Assert.Equal(
            network.Forward(tight.Inputs, Output.Logits).Logits.ToFloatArray(),
            network.Forward(wide.Inputs, Output.Logits).Logits.ToFloatArray(),
            (one, other) => Math.Abs(one - other) < 1e-5f);

        List<(string Name, float Value)> Terms(Batch seen)
        {
            var teachers = teacher.Forward(seen.Inputs, method.Requires.Teacher);
            var students = network.Forward(seen.Inputs, method.Requires.Student);
            var parts = method.Compute(seen, teachers, students).Parts;
            return [.. parts.Select(part => (part.Name, part.Value.ToSingle()))];
        }
    }
}
