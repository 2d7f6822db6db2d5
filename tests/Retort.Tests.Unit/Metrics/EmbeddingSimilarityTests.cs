using Retort.Runtime.Metrics;

namespace Retort.Tests.Metrics;

/// <summary>Cosine, squared error and CKA of two sets of embeddings.</summary>
public sealed class EmbeddingSimilarityTests
{
    [Fact] // (3 4)·(4 3) / 25 = .96 and (1 0)·(0 2) = 0
    public void The_cosine_is_a_mean_over_examples() =>
        Assert.Equal(0.48, EmbeddingSimilarity.Cosine([3, 4, 1, 0], [4, 3, 0, 2], 2), 1e-6);

    [Fact]
    public void The_cosine_of_a_zero_vector_counts_0() =>
        Assert.Equal(0.5, EmbeddingSimilarity.Cosine([0, 0, 1, 0], [1, 0, 3, 0], 2), 1e-6);

    [Fact] // (1 + 1 + 1 + 4) / 4
    public void The_squared_error_is_a_mean_over_all_numbers() =>
        Assert.Equal(1.75, EmbeddingSimilarity.MeanSquaredError([3, 4, 1, 0], [4, 3, 0, 2]), 1e-12);

    [Fact] // of one column each CKA is r²: centred (−1 0 1) and (0 −1 1), r = 1 / √(2 · 2)
    public void Cka_of_one_column_is_the_squared_correlation() =>
        Assert.Equal(0.25, EmbeddingSimilarity.LinearCka([1, 2, 3], 1, [1, 0, 2], 1), 1e-12);

    // X = (−1, 1, 0, 0)ᵀ, Y = rows (−1 0) (1 0) (0 −1) (0 1), centred both: YᵀX = (2, 0)ᵀ, XᵀX = 2, YᵀY = 2 I:
    // 4 / (2 · √8) = 1 / √2
    [Fact]
    public void Cka_of_two_widths() => Assert.Equal(
        1 / Math.Sqrt(2), EmbeddingSimilarity.LinearCka([-1, 1, 0, 0], 1, [-1, 0, 1, 0, 0, -1, 0, 1], 2), 1e-12);

    [Fact] // turned by 30°, three times as long and moved: nothing that CKA sees
    public void Cka_of_rotated_scaled_and_moved_embeddings_is_1()
    {
        float[] one = [1, 2, -1, 0.5f, 3, -2, 0, 1, 2, 2];
        var (cos, sin, other) = (MathF.Cos(MathF.PI / 6), MathF.Sin(MathF.PI / 6), new float[one.Length]);
        for (var i = 0; i < one.Length; i += 2)
        {
            other[i] = 3 * (cos * one[i] - sin * one[i + 1]) + 7;
            other[i + 1] = 3 * (sin * one[i] + cos * one[i + 1]) - 4;
        }
        Assert.Equal(1, EmbeddingSimilarity.LinearCka(one, 2, other, 2), 1e-6);
        Assert.InRange(EmbeddingSimilarity.Cosine(one, other, 2), -1, 0.9);
    }

    [Fact]
    public void Cka_with_embeddings_that_are_all_the_same_is_0() =>
        Assert.Equal(0, EmbeddingSimilarity.LinearCka([1, 2, 3], 1, [5, 5, 5], 1));
}
