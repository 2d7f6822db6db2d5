using Google.Protobuf;
using Retort.Data;
using Retort.Export;
using Retort.Recipes;
using Retort.Runtime;
using Retort.Runtime.Wire;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tests.Export;
using Retort.Tests.Teachers;
using Retort.Training;
using TorchSharp;

namespace Retort.Tests.Contract;

/// <summary>
/// Padding never changes an output or a loss: whatever stands in it, and however much of it there is. Each case sees
/// the same examples in a tight batch and in a wide one.
/// </summary>
public sealed class PaddingContract
{
    static readonly long[][] s_rows = [[1, 3], [2, 2, 1], [4]];
    const int Wide = 6;

    [Theory]
    [InlineData("network")]
    [InlineData("onnx")]
    [InlineData("torchscript")]
    [InlineData("remote")]
    [InlineData("ensemble")]
    public void No_output_of_a_teacher(string kind)
    {
        using var scope = torch.NewDisposeScope();
        using var server = kind == "remote" ? TokenTeacherTests.Server() : null;
        using var teacher = Open(kind, server);
        var (tight, wide) = (TokenTeacher.Batch(s_rows), TokenTeacher.Batch(s_rows, Wide));
        var (expected, found) =
            (teacher.Forward(tight, teacher.AvailableOutputs), teacher.Forward(wide, teacher.AvailableOutputs));
        foreach (var key in teacher.AvailableOutputs.Keys)
            foreach (var (one, other) in expected.Layers(key).Zip(found.Layers(key)))
                AssertClose(Real(key, one, tight), Real(key, other, wide), 1e-6);
    }

    [Theory] // float16 has 11 bits of mantissa; 8-bit ranges are fixed, so only sums in another order differ
    [InlineData("float32", 2e-6)]
    [InlineData("float16", 5e-3)]
    [InlineData("int8", 2e-2)]
    public void No_output_of_an_exported_graph(string variant, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using var network = TokenEncoder.New();
        var model = OnnxExporter.Model(network, TokenEncoder.Info, Output.Logits);
        var data = new Dataset
        {
            Name = "tokens", Hash = "tokens", Training = new Rows(64), Validation = new Rows(16), Test = new Rows(16),
        };
        var path = Path.Combine(Few.Folder(), "model.onnx");
        File.WriteAllBytes(path, (variant switch
        {
            "float16" => HalfPrecision.Of(model),
            "int8" => Variants.Int8(model, data),
            _ => model,
        }).ToByteArray());
        using var graph = new OnnxModel(path);
        AssertClose(Run(TokenTeacher.Batch(s_rows)), Run(TokenTeacher.Batch(s_rows, Wide)), tolerance);

        float[] Run(Batch batch) => graph.Run([.. batch.Inputs.Parts.Select(
            part => NamedTensor.Of<long>(part.Name, part.Value.ToLongArray(), part.Value.shape))], "logits")[0]
            .Values<float>().ToArray();
    }

    [Fact] // alone an example has no padding; among 16 of up to 12 tokens it has
    public void No_stored_prediction()
    {
        using var scope = torch.NewDisposeScope();
        using var network = TokenEncoder.New();
        var together = Evaluator.Predict(network, new Rows(16), Output.Logits);
        for (var i = 0; i < 16; i++)
        {
            var alone = Evaluator.Predict(network, new Rows(1, first: i), Output.Logits);
            AssertClose(alone.Values, together.Row(i).ToArray(), 2e-6);
        }
    }

    public static TheoryData<string> Losses => [.. Few.Shipped(Registry.Methods, typeof(LossOptions))];

    [Theory, MemberData(nameof(Losses))]
    public void No_loss_of_a_method(string method)
    {
        using var scope = torch.NewDisposeScope();
        using var student = TokenEncoder.New();
        using var teacher = new NetworkTeacher(TokenEncoder.New(), owns: true);
        var shapes = new OutputShapes(new Dictionary<OutputKey, IReadOnlyList<long[]>>
        {
            [Output.Logits] = [[3]], [Output.Embedding] = [[8]],
        });
        TaskOptions options = FewEmbeddings.Fit(method)
            ? new EmbeddingOptions { Primary = EmbeddingScore.Knn1 } : new ClassificationOptions();
        var task = options.Build(TokenEncoder.Info);
        var context = Few.MethodContext with
        {
            Task = task, Data = TokenEncoder.Info, Examples = 3, BatchSize = 3, Teacher = shapes, Student = shapes,
        };
        AssertClose(Terms(TokenTeacher.Batch(s_rows)), Terms(TokenTeacher.Batch(s_rows, Wide)), 1e-5);

        float[] Terms(Batch batch)
        {
            RandomStream.SeedTorch(1, StreamKey.Training);
            using var loss = Few.Options(method).Build(context);
            var required = loss.Requires;
            var outputs = student.Forward(batch.Inputs, required.Student | Output.Logits);
            outputs = outputs.With(
                required.Ema.IsEmpty ? null : student.Forward(batch.Inputs, required.Ema),
                required.SecondView.IsEmpty ? null : student.Forward(batch.Inputs, required.SecondView));
            return [.. loss.Compute(batch, teacher.Forward(batch, required.Teacher), outputs).Parts
                .Select(term => term.Value.ToSingle())];
        }
    }

    static ITeacher Open(string kind, TeacherServer? server) => kind switch
    {
        "network" => new NetworkTeacher(TokenEncoder.New(), owns: true),
        "onnx" => TokenTeacherTests.Options().Open(TokenTeacher.Info, torch.CPU),
        "torchscript" => TokenTeacherTests.ScriptOptions().Open(TokenTeacher.Info, torch.CPU),
        "remote" => new RemoteTeacherOptions { Url = server!.Url }
            .Open(TokenTeacher.Info with { Classes = ["a", "b", "c", "d"] }, torch.CPU),
        _ => new EnsembleTeacherOptions { Members = [TokenTeacherTests.Options(), TokenTeacherTests.Options()] }
            .Open(TokenTeacher.Info, torch.CPU),
    };

    // what is left of an output without the padding
    static float[] Real(OutputKey key, Tensor values, Batch batch)
    {
        var mask = batch.Inputs.AttentionMask.ne(0);                        // [B, T]
        if (key == Output.Attentions)                                       // [B, heads, T, T]
            return values.masked_select((mask.unsqueeze(1) & mask.unsqueeze(2)).unsqueeze(1).expand_as(values))
                .ToFloatArray();

        return values.Dimensions == 2 ? values.ToFloatArray()
            : values.masked_select(mask.unsqueeze(-1).expand_as(values)).ToFloatArray();
    }

    static void AssertClose(float[] expected, float[] found, double tolerance)
    {
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Length, found.Length);
        foreach (var (one, other) in expected.Zip(found)) Assert.InRange(Math.Abs(one - other), 0, tolerance);
    }

    /// <summary>Ids of 3 to 12 tokens.</summary>
    sealed class Rows(int count, int first = 0) : IDataSplit
    {
        public int Count => count;
        public DatasetInfo Info => TokenEncoder.Info;

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            var rows = new List<ReadOnlyMemory<long>>();
            for (var i = 0; i < positions.Length; i++)
            {
                var position = first + positions[i];
                (into.Ids[i], into.Labels[i]) = (position, position % 3);
                rows.Add(
                    Enumerable.Range(0, 3 + position % 10).Select(t => (long)((position * 3 + t * t) % 20)).ToArray());
            }
            into.Pad("input_ids", rows);
        }
    }
}
