using Retort.Methods;
using static Retort.Methods.ContextualRelations;
using static Retort.Methods.ContextualRelationsOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>The losses on relations, against numbers worked by hand and sums written as loops.</summary>
public sealed class RelationsTests
{
    const RelationNormalization Strict = RelationNormalization.Strict;
    const RelationNormalization Released = RelationNormalization.Released;

    // pairs: a token's cosines to the two others
    static readonly double[,] s_pairTeacher = { { 1, 0 }, { 0, 1 }, { -1, 0 } };
    static readonly double[,] s_pairStudent = { { 1, 0 }, { 1, 0 }, { 0, 1 } };

    // triples: a right-angled and an equilateral triangle
    static readonly double[,] s_rightAngled = { { 0, 0 }, { 1, 0 }, { 0, 1 } };
    static readonly double[,] s_equilateral = { { 0, 0 }, { 1, 0 }, { 0.5, Math.Sqrt(3) / 2 } };

    // rows: the teacher's cosines (0, −1), (0, 0), (−1, 0); the student's (1, 0), (1, 0), (0, 0).
    // KL of rows 1 and 3 with the other's softmax; in all tanh(½) / 2 = .2310585786
    [Theory]
    [InlineData(Strict, 0.0385097631)]                                      // / 6 pairs of different tokens
    [InlineData(Released, 0.0256731754)]                                    // / 3² pairs
    public void Pairs_by_hand(RelationNormalization normalization, double expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Pairs(Words(s_pairTeacher, s_pairStudent), normalization), 1e-9);
        Assert.Equal(expected, Pairs(Layers(s_pairTeacher, s_pairStudent), normalization), 1e-9);
        var padded = Words(WithRow(s_pairTeacher, 9, 9), WithRow(s_pairStudent, -4, 2), real: 3);
        Assert.Equal(expected, Pairs(padded, normalization), 1e-9);
    }

    // cosines at the vertices 0, √½, √½ against ½, ½, ½; each of the angles is there twice:
    // 2 (¼ + 2 (√½ − ½)²) = .6715728753
    [Theory]
    [InlineData(null, Released, 0.0248730695)]                              // / 3³
    [InlineData(null, Strict, 0.1119288125)]                                // / 6 triples of different tokens
    [InlineData(3, Released, 0.0031772755)]                                 // 2 (√½ − ½)² / (3 · 3²): the middle's
    [InlineData(3, Strict, 0.0428932188)]                                   // 2 (√½ − ½)² / 2
    [InlineData(5, Released, 0.0123857625)]                                 // ends twice: .9289321881 / (3 · 5²)
    [InlineData(5, Strict, 0.1119288125)]
    public void Triples_by_hand(int? window, RelationNormalization normalization, double expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Words(s_rightAngled, s_equilateral).TripleLoss(window, normalization).ToDouble(), 1e-9);
        if (window is null) Assert.Equal(
            expected, Layers(s_rightAngled, s_equilateral).TripleLoss(null, normalization).ToDouble(), 1e-9);
    }

    [Theory]
    [InlineData(3, Released, 0.0454218019)]                                 // as in the authors' code, padding counts
    [InlineData(null, Released, 0.0248730695)]
    [InlineData(3, Strict, 0.0428932188)]
    [InlineData(null, Strict, 0.1119288125)]
    public void A_masked_token_counts_only_in_the_released_window(
        int? window, RelationNormalization normalization, double expected)
    {
        using var scope = NewDisposeScope();
        var padded = Words(WithRow(s_rightAngled, 9, 9), WithRow(s_equilateral, -4, 2), real: 3);
        Assert.Equal(expected, padded.TripleLoss(window, normalization).ToDouble(), 1e-9);
    }

    [Fact]
    public void Rotation_and_scale_and_for_triples_a_shift_change_nothing()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 2, 6, 4, dtype: float64);
        var (rotation, _) = linalg.qr(randn(4, 4, dtype: float64));
        var turned = x.MatMul(rotation).Times(2.5);
        var wider = cat([turned, zeros(2, 2, 6, 3, dtype: float64)], -1);   // other widths of teacher and student
        var mask = ones(2, 6, ScalarType.Bool);
        foreach (var relations in new[] { Relations.OfWords(x, wider, mask), Relations.OfLayers(x, wider, mask) })
        {
            Assert.InRange(Math.Abs(Pairs(relations, Strict)), 0, 1e-9);
            Assert.InRange(relations.TripleLoss(null, Strict).ToDouble(), 0, 1e-9);
        }
        var shifted = Relations.OfWords(x, turned.Add(3), mask);
        Assert.InRange(shifted.TripleLoss(5, Strict).ToDouble(), 0, 1e-9);
        Assert.True(Pairs(shifted, Strict) > 1e-4);
    }

    [Theory]
    [InlineData(Strict, 3), InlineData(Strict, 5), InlineData(Strict, 9), InlineData(Strict, 21)]
    [InlineData(Released, 3), InlineData(Released, 5), InlineData(Released, 21)]
    public void A_window_gives_the_sum_over_its_triples(RelationNormalization normalization, int window)
    {
        using var scope = NewDisposeScope();
        manual_seed(window);
        const int N = 12;
        var (teacher, student) = (randn(1, 1, N, 5), randn(1, 1, N, 3));    // float32
        var real = new bool[N];
        for (var i = 0; i < N; i++) real[i] = i != 4 && i < 10;
        var mask = tensor(real).unsqueeze(0);
        var (t, s) = (Rows(teacher), Rows(student));
        var (sum, count) = (0.0, 0);
        var h = (window - 1) / 2;
        for (var j = 0; j < N; j++)
            for (var a = j - h; a <= j + h; a++)
                for (var b = j - h; b <= j + h; b++)
                {
                    if (!real[j]) continue;
                    var (i, k) = (Math.Clamp(a, 0, N - 1), Math.Clamp(b, 0, N - 1));
                    var isTriple = i == a && k == b && i != j && k != j && i != k && real[i] && real[k];
                    if (normalization == Strict && !isTriple) continue;

                    sum += Math.Pow(Cosine(s, i, j, k) - Cosine(t, i, j, k), 2);
                    count++;
                }
        var found = Relations.OfWords(teacher, student, mask).TripleLoss(window, normalization).ToDouble();
        Assert.Equal(sum / count, found, 1e-6);
    }

    // directions i − j and k − j as unit vectors
    static double Cosine(double[][] rows, int i, int j, int k)
    {
        var (u, v) = (Unit(rows[i], rows[j]), Unit(rows[k], rows[j]));
        return u.Zip(v).Sum(pair => pair.First * pair.Second);
    }

    static double[] Unit(double[] to, double[] from)
    {
        var difference = to.Zip(from).Select(pair => pair.First - pair.Second).ToArray();
        var length = Math.Sqrt(difference.Sum(x => x * x));
        return length == 0 ? difference : [.. difference.Select(x => x / length)];
    }

    static double[][] Rows(Tensor x)
    {
        var values = x.ToFloatArray();
        var width = (int)x.size(-1);
        return [.. values.Chunk(width).Select(row => row.Select(value => (double)value).ToArray())];
    }

    static double Pairs(Relations relations, RelationNormalization normalization) =>
        relations.PairLoss(1, normalization).ToDouble();

    static double[,] WithRow(double[,] rows, double x, double y) => new[,]
    {
        { rows[0, 0], rows[0, 1] }, { rows[1, 0], rows[1, 1] }, { rows[2, 0], rows[2, 1] }, { x, y },
    };

    static Relations Words(double[,] teacher, double[,] student, int? real = null)
    {
        var mask = arange(teacher.GetLength(0)).lt(real ?? teacher.GetLength(0)).unsqueeze(0);
        return Relations.OfWords(Four(teacher), Four(student), mask);

        static Tensor Four(double[,] rows) => tensor(rows).unsqueeze(0).unsqueeze(0);   // [1, 1, T, D]
    }

    static Relations Layers(double[,] teacher, double[,] student) => Relations.OfLayers(
        tensor(teacher).unsqueeze(0).unsqueeze(2), tensor(student).unsqueeze(0).unsqueeze(2),    // [1, M, 1, D]
        ones(1, 1, ScalarType.Bool));
}
