using Retort.Methods;
using Retort.Tasks;
using Retort.Tests.Contract;
using static Retort.Methods.AttentionAlignmentOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Attention maps of a few texts, and the losses that are tried on them.</summary>
static class AttentionCases
{
    /// <summary>The losses by name, each on one pair of layers.</summary>
    public static IReadOnlyDictionary<string, AttentionOptions> Losses { get; } =
        new Dictionary<string, AttentionOptions>
        {
            ["squaredError"] = new AttentionAlignmentOptions { Variant = AlignmentVariant.SquaredError },
            ["kl"] = new AttentionAlignmentOptions(),
            ["projectedKl"] = new AttentionAlignmentOptions { Variant = AlignmentVariant.ProjectedKl },
            ["tokenKl"] = new AttentionAlignmentOptions { Variant = AlignmentVariant.TokenKl },
            ["kl/sumNormalized"] = new AttentionAlignmentOptions { Similarity = HeadSimilarity.SumNormalized },
            ["kl/0.2"] = new AttentionAlignmentOptions { WeightTemperature = 0.2 },
            ["mean"] = new AttentionMapsOptions(),
        };

    public static TheoryData<string> Names => [.. Losses.Keys];

    /// <summary>A context of two encoders of one layer.</summary>
    public static MethodContext Context(int teacherHeads, int studentHeads, int tokens)
    {
        var data = FewTokens.Data.Info with
        {
            Inputs =
            [
                TensorSpec.Tokens(InputNames.InputIds, tokens, 20), TensorSpec.Tokens(InputNames.AttentionMask, tokens),
            ],
        };
        return FewTokens.MethodContext with
        {
            Data = data,
            Task = new ClassificationOptions().Build(data),
            Teacher = Shapes([teacherHeads, tokens, tokens]),
            Student = Shapes([studentHeads, tokens, tokens]),
        };
    }

    /// <summary>Attentions of so many shapes, one for each layer.</summary>
    public static OutputShapes Shapes(params long[][] layers) => new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
    {
        [Output.Logits] = [[FewTokens.Data.Info.Classes.Count]],
        [Output.Attentions] = layers,
    });

    /// <summary>The attention term of a batch of one layer, unweighted. [B, Ht, T, T], [B, Hs, T, T] → []</summary>
    public static Tensor Term(AttentionOptions options, Tensor mask, Tensor teacher, Tensor student)
    {
        var context = Context((int)teacher.size(1), (int)student.size(1), (int)mask.size(1));
        var method = (options with { LabelWeight = 0, LogitWeight = 0 }).Build(context);
        var batch = new Batch
        {
            Inputs = new((InputNames.AttentionMask, mask.to(int64))),
            Labels = zeros(mask.size(0), int64),
            Labelled = (int)mask.size(0),
            Ids = [.. Enumerable.Range(0, (int)mask.size(0))],
        };
        return method.Compute(batch, new() { Attentions = [teacher] }, new() { Attentions = [student] }).Total;
    }

    /// <summary>Texts of these lengths, padded to T tokens. [B, T] bool</summary>
    public static Tensor Mask(int tokens, params long[] lengths) =>
        arange(tokens).unsqueeze(0).lt(tensor(lengths).unsqueeze(1));

    /// <summary>Attentions over the real tokens. [B, H, T, T] float64</summary>
    public static Tensor Attentions(Tensor mask, int heads)
    {
        var (batch, tokens) = (mask.size(0), mask.size(1));
        var scores = randn(batch, heads, tokens, tokens, float64);
        return scores.Where(mask.unsqueeze(1).unsqueeze(1), -1e9).softmax(-1);
    }
}
