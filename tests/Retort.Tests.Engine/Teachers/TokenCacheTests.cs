using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Caches of outputs whose sequence varies, of a teacher with inputs of its own.</summary>
public sealed class TokenCacheTests
{
    static OutputSet All => Output.Logits | Output.HiddenStates | Output.Attentions;

    static ITeacher Teacher() => new OnnxTeacherOptions
    {
        Path = TokenTeacher.File(),
        Outputs = new() { Logits = "logits", HiddenStates = ["hidden"], Attentions = ["attention"] },
    }.Open(Tokens.Split.Info, torch.CPU);

    static CacheSpec Spec(ITeacher teacher, IDataSplit? split = null, CodecOptions? codec = null)
    {
        using var scope = torch.NewDisposeScope();
        var data = split ?? Tokens.Split;
        var batch = Loaded(data, 0, 1);
        return new()
        {
            Folder = Few.Folder(), Codec = codec ?? new Float32Options(), Data = data, Batch = 4,
            Identity = new()
            {
                Teacher = "tokens",
                Inputs = CacheIdentity.InputsOf(data.Info),
                Normalization = "none",
                Augmentation = "none",
                Views = 1,
                ViewSeed = 0,
                Data = "tokens",
                Examples = data.Count,
                Codec = (codec ?? new Float32Options()).Describe(),
                Outputs = RecordLayout.OutputsOf(teacher.Forward(batch, All), All, data.Info.ForTeacher.Inputs, batch),
            },
        };
    }

    static Batch Loaded(IDataSplit split, params int[] positions)
    {
        var batch = new HostBatch();
        split.Load(positions, new View(0, 0), batch);
        return batch.ToBatch();
    }

    // the batches differ from those that were written, so other padding: at real tokens all is the same, elsewhere 0
    [Fact]
    public void Outputs_come_back_narrowed_to_the_batch_and_0_at_padding()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Teacher();
        var spec = Spec(teacher);
        Assert.Equal(
            ["logits [2]", "hidden_states.0 [up to 6, 2]", "attentions.0 [1, up to 6, up to 6]"],
            spec.Identity.Outputs.Select(output => output.ToString()));
        new CacheWriter(teacher, spec).Fill(TestContext.Current.CancellationToken);
        using var cache = CachedTeacher.Open(spec.Folder, spec.Identity, spec.Codec);
        foreach (var positions in (int[][])[[0], [3, 1], [9, 0, 4, 7, 2]])
        {
            var batch = Loaded(Tokens.Split, positions);
            var (live, cached) = (teacher.Forward(batch, All), cache.Forward(batch, All));
            Assert.Equal(live.Logits.ToFloatArray(), cached.Logits.ToFloatArray());
            var mask = batch.TeacherInputs.AttentionMask.ne(0); // [B, T]
            var expected = live.HiddenStates[0].Where(mask.unsqueeze(-1), 0);
            Assert.Equal(expected.shape, cached.HiddenStates[0].shape);
            Assert.Equal(expected.ToFloatArray(), cached.HiddenStates[0].ToFloatArray());
            var pairs = live.Attentions[0].Where(mask.unsqueeze(1).unsqueeze(-1), 0);
            Assert.Equal(pairs.shape, cached.Attentions[0].shape);
            Assert.Equal(
                pairs.ToFloatArray(),
                cached.Attentions[0].ToFloatArray(),
                (one, other) => Math.Abs(one - other) < 1e-6f);
        }
    }

    [Fact]
    public void The_cache_agrees_with_its_teacher_and_the_probe_has_the_teachers_inputs()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Teacher();
        var spec = Spec(teacher, codec: new Float16Options());
        new CacheWriter(teacher, spec).Fill(TestContext.Current.CancellationToken);
        TeacherCheck.Records(teacher, spec, count: 20, draw: 1);
        TeacherCheck.Probe(teacher, spec);
        TeacherCheck.Probe(teacher, spec);
        var probe = SafeTensors.Read(Path.Combine(spec.Folder, "probe.safetensors"));
        Assert.Equal(
            [
                "input/attention_mask", "input/input_ids", "output/attentions.0", "output/hidden_states.0",
                "output/logits",
            ],
            probe.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(torch.ScalarType.Int64, probe["input/input_ids"].dtype);
        using var other = new OnnxTeacherOptions
        {
            Path = TokenTeacher.File(), Inputs = ["attention_mask", "input_ids"], // exchanged
            Outputs = new() { Logits = "logits", HiddenStates = ["hidden"], Attentions = ["attention"] },
        }.Open(Tokens.Split.Info, torch.CPU);
        Assert.Contains(
            "was begun with another teacher",
            Assert.Throws<InvalidDataException>(() => TeacherCheck.Probe(other, spec)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Other_inputs_and_batches_that_are_too_long_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Teacher();
        var spec = Spec(teacher);
        new CacheWriter(teacher, spec).Fill(TestContext.Current.CancellationToken);
        var longer =
            spec.Identity with { Inputs = [TensorSpec.Tokens("input_ids", 9), TensorSpec.Tokens("attention_mask", 9)] };
        Assert.Contains(
            "its list of inputs is input_ids int64 [N, sequence] (sequence up to 6), attention_mask int64 [N, "
            + "sequence] (sequence up to 6), and input_ids int64 [N, sequence] (sequence up to 9)",
            Assert.Throws<InvalidDataException>(() => CachedTeacher.Open(spec.Folder, longer, spec.Codec)).Message,
            StringComparison.Ordinal);
        using var cache = CachedTeacher.Open(spec.Folder, spec.Identity, spec.Codec);
        var batch = Loaded(Tokens.Split, 0);
        var wide = new Batch
        {
            Inputs = batch.Inputs,
            TeacherInputs = TokenTeacher.Batch([[1]], length: 7).Inputs,
            Labels = batch.Labels,
            Labelled = 0,
            Ids = batch.Ids,
            ViewIndex = 0,
        };
        Assert.Equal("A batch's input_ids is 7 long; the data's largest length is 6.",
            Assert.Throws<InvalidOperationException>(() => cache.Forward(wide, All)).Message);
    }

    [Fact] // 4 000 tokens with each other are 16 000 000 numbers per example
    public void Records_that_are_too_large_are_refused()
    {
        using var teacher = Teacher();
        var data = new Tokens(4000);
        var error = Assert.Throws<InvalidOperationException>(() => Spec(teacher, data).Layout());
        Assert.Equal(
            "One example's logits [2], hidden_states.0 [up to 4000, 2], attentions.0 [1, up to 4000, up to 4000] would "
            + "take more than 16 MB in a cache: use the teacher without a cache, or choose a method that needs less of "
            + "it.",
            error.Message);
    }

    [Fact] // [B, T, D] of frames: neither fixed nor as long as the samples
    public void Outputs_that_follow_another_axis_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        TensorSpec[] samples = [new() { Name = "input_values", Axes = [new("samples", null, 400)] }];
        var batch = new Batch
        {
            Inputs = new(("input_values", torch.zeros(1, 100))),
            Labels = torch.zeros(1, dtype: torch.ScalarType.Int64),
            Labelled = 0,
            Ids = [0],
        };
        var outputs = Outputs.From([(Output.TokenEmbeddings, [torch.zeros(1, 10, 3)])]);
        Assert.Equal(
            "The length of the teacher's token_embeddings varies with input_values float32 [N, samples] and is "
            + "another, so a cache cannot hold them: use the teacher without a cache.",
            Assert.Throws<InvalidOperationException>(
                () => RecordLayout.OutputsOf(outputs, Output.TokenEmbeddings, samples, batch)).Message);
    }

    /// <summary>A table for the student and ids of 1 to 6 tokens for the teacher.</summary>
    sealed class Tokens(int maxLength) : IDataSplit
    {
        public static Tokens Split { get; } = new(TokenTeacher.MaxLength);

        public int Count => 24;
        public int? Views => 1;

        public DatasetInfo Info { get; } = TokenTeacher.Info with
        {
            Inputs = [TensorSpec.Features(1)],
            TeacherInputs = [TensorSpec.Tokens("input_ids", maxLength), TensorSpec.Tokens("attention_mask", maxLength)],
        };

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            into.ViewIndex = 0;
            var rows = new List<ReadOnlyMemory<long>>();
            var features = into.Float32("features", [1]);
            for (var i = 0; i < positions.Length; i++)
            {
                into.Ids[i] = 100 + positions[i];
                features[i] = positions[i];
                var position = positions[i];
                rows.Add(Enumerable.Range(0, 1 + position * 7 % 6).Select(t => (long)((position + t) % 5)).ToArray());
            }
            into.Pad("input_ids", rows, padding: 4, teacher: true);
        }
    }
}
