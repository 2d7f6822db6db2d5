using Retort.Methods;
using static Retort.Methods.AttentionAlignmentOptions;
using static Retort.Methods.AttentionMapsOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>The losses on attention maps of two tokens, against numbers that are computed by hand.</summary>
public sealed class AttentionLossTests
{
    const double Identity = 0.5857864376;                                   // 2 − √2: I against U

    // rows of a map of two queries and two keys
    static readonly double[] s_i = [1, 0, 0, 1];
    static readonly double[] s_x = [0, 1, 1, 0];
    static readonly double[] s_u = [0.5, 0.5, 0.5, 0.5];
    static readonly double[] s_p = [0.8, 0.2, 0.4, 0.6];
    static readonly double[] s_q = [0.6, 0.4, 0.4, 0.6];

    // heads of teacher and student by their letters; e = 2.718281828
    [Theory]
    [InlineData("I", "I", 0)]
    [InlineData("I", "U", Identity)]
    [InlineData("I", "X", 2)]                                               // the maps share no cell
    [InlineData("IX", "IX", 0.2893179525)]                                  // 4 / (e + 1)²
    [InlineData("IX", "XI", 0.2893179525)]
    [InlineData("IIX", "IX", 0.4339769289)]                                 // 6 / (e + 1)²
    [InlineData("IX", "U", 2 * Identity)]
    [InlineData("IX", "I", 2)]
    [InlineData("P", "Q", 0.0664898401)]                                    // 2 − 2 · 1.08 / √1.248
    public void Squared_errors(string teacher, string student, double expected) =>
        Assert.Equal(expected, Aligned(AlignmentVariant.SquaredError, teacher, student), 1e-9);

    [Theory] // ε moves the values by less than 1e-6
    [InlineData("I", "I", 0)]
    [InlineData("I", "U", 0.6931471806)]                                    // ln 2
    [InlineData("IX", "IX", 0.6265233750)]                                  // 2 ln((e + 1) / e)
    [InlineData("IX", "XI", 0.6265233750)]
    [InlineData("IIX", "IX", 0.9397850626)]                                 // 3 ln((e + 1) / e)
    [InlineData("IX", "U", 1.3862943611)]                                   // 2 ln 2
    [InlineData("P", "Q", 0.0457581109)]                                    // ½ (.8 ln(.8 / .6) + .2 ln(.2 / .4))
    public void KL_divergences(string teacher, string student, double expected)
    {
        Assert.Equal(expected, Aligned(AlignmentVariant.Kl, teacher, student), 1e-6);
        Assert.Equal(expected / teacher.Length, AlignedBy(
            new() { Variant = AlignmentVariant.Kl, MeanOverHeads = true }, teacher, student), 1e-6);
    }

    [Theory]
    [InlineData("IX", "IX", 1.2530467501)]                                  // 4 ln((e + 1) / e)
    [InlineData("I", "U", 1.3862943611)]                                    // 2 ln 2
    public void KL_divergences_query_by_query(string teacher, string student, double expected) =>
        Assert.Equal(expected, Aligned(AlignmentVariant.TokenKl, teacher, student), 1e-6);

    [Theory] // where the student's maps share no cell with the teacher's, ε decides: at most −ln ε a head
    [InlineData("I", "X")]
    [InlineData("IX", "I")]
    public void Maps_without_a_common_cell_are_far_apart_and_finite(string teacher, string student) =>
        Assert.InRange(Aligned(AlignmentVariant.Kl, teacher, student), 15, 20);

    [Fact] // 2 ln(1 + e^(−1/2)): products of ½ and 0
    public void Maps_divided_by_their_sums_are_less_alike() => Assert.Equal(0.9481539684, AlignedBy(
        new() { Similarity = HeadSimilarity.SumNormalized }, "IX", "IX"), 1e-6);

    [Fact] // e / (e + 1) and 1 / (e + 1); at temperature ½ with e²
    public void The_more_similar_head_weighs_more()
    {
        using var scope = NewDisposeScope();
        AssertWeights(new(), 0.7310585786, 0.2689414214);
        AssertWeights(new() { WeightTemperature = 0.5 }, 0.8807970780, 0.1192029220);
        AssertWeights(new() { WeightTemperature = 1e9 }, 0.5, 0.5);

        static void AssertWeights(AttentionAlignmentOptions options, double same, double other)
        {
            using var method = new AttentionAlignment(options, AttentionCases.Context(2, 2, tokens: 2));
            var weights = method.Weights(Pair("IX", "IX").Maps());
            double[] expected = [same, other, other, same];
            foreach (var (one, found) in expected.Zip(weights.flatten().data<double>().ToArray()))
                Assert.Equal(one, found, 1e-9);
        }
    }

    // heads in another order are wrong for head by head: all 8 differences are 1
    [Theory]
    [InlineData(ComparedHeads.OneToOne, MapLoss.SquaredError, "IX", "XI", 1)]
    [InlineData(ComparedHeads.OneToOne, MapLoss.SquaredError, "IX", "IX", 0)]
    [InlineData(ComparedHeads.OneToOne, MapLoss.SquaredError, "P", "Q", 0.02)]          // 2 · .2² / 4
    [InlineData(ComparedHeads.OneToOne, MapLoss.Kl, "PI", "QI", 0.0457581109)]
    [InlineData(ComparedHeads.First, MapLoss.Kl, "PX", "Q", 0.0457581109)]
    [InlineData(ComparedHeads.First, MapLoss.Kl, "P", "QX", 0.0457581109)]
    [InlineData(ComparedHeads.Mean, MapLoss.SquaredError, "IX", "U", 0)]
    [InlineData(ComparedHeads.Mean, MapLoss.Kl, "IX", "XI", 0)]
    [InlineData(ComparedHeads.Mean, MapLoss.Kl, "II", "UUU", 0.6931471806)]             // ln 2
    public void Head_by_head_and_the_mean_of_heads(
        ComparedHeads heads, MapLoss loss, string teacher, string student, double expected)
    {
        using var scope = NewDisposeScope();
        var options = new AttentionMapsOptions { Heads = heads, Loss = loss };
        var method = new AttentionMaps(options, AttentionCases.Context(2, 2, tokens: 2).Task);
        Assert.Equal(expected, method.Loss(Pair(teacher, student), layer: 0).ToDouble(), 1e-6);
    }

    static double Aligned(AlignmentVariant variant, string teacher, string student) =>
        AlignedBy(new() { Variant = variant }, teacher, student);

    static double AlignedBy(AttentionAlignmentOptions options, string teacher, string student)
    {
        using var scope = NewDisposeScope();
        using var method = new AttentionAlignment(
            options, AttentionCases.Context(teacher.Length, student.Length, tokens: 2));
        return method.Loss(Pair(teacher, student), layer: 0).ToDouble();
    }

    static AttentionPair Pair(string teacher, string student) =>
        AttentionPair.Masked(Maps(teacher), Maps(student), mask: null);

    // [1, H, 2, 2]
    static Tensor Maps(string heads) => tensor(heads.SelectMany(Map).ToArray(), [1, heads.Length, 2, 2]);

    static double[] Map(char letter) => letter switch
    {
        'I' => s_i,
        'X' => s_x,
        'U' => s_u,
        'P' => s_p,
        _ => s_q,
    };
}
