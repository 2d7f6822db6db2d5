using Retort.Methods;
using Retort.Tests.Contract;
using static Retort.Methods.EmbeddingRegressionOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Embedding regression, relations and two views, on numbers that are computed by hand.</summary>
public sealed class EmbeddingMethodTests
{
    [Theory] // teacher (3, 4), (0, 2); student (1, 0), (1, 1)
    [InlineData(EmbeddingNormalization.None, 5.5)]           // (4 + 16 + 1 + 1) / 4
    [InlineData(EmbeddingNormalization.Unit, 0.6928932)]     // ((2 - 2 · .6) + (2 - 2 · √½)) / 2
    [InlineData(EmbeddingNormalization.Batch, 2.4999478)]    // columns (1, -1), (1, -1) against (0, 0), (-1, 1)
    public void A_regression_compares_the_normalized_embeddings(EmbeddingNormalization normalize, double expected)
    {
        using var scope = NewDisposeScope();
        using var method = new EmbeddingRegressionOptions { Normalize = normalize }
            .Build(FewEmbeddings.Context(teacher: 2, student: 2, examples: 8, batch: 2));
        Assert.Null(method.State);
        var loss = method.Compute(null!, Embedding([3, 4, 0, 2], 2), Embedding([1, 0, 1, 1], 2)).Total;
        Assert.Equal(expected, loss.ToDouble(), 2e-5);
    }

    [Fact]
    public void A_regression_of_another_width_has_a_linear_projection()
    {
        using var method = new EmbeddingRegressionOptions().Build(FewEmbeddings.MethodContext);
        Assert.Equal<long[]>([[5, 3], [5]], [.. method.State!.parameters().Select(one => one.shape)]);
    }

    // points 0, 3, 4i: distances 3, 4, 5 with the mean 4. Points 0, 1, 1 of the student: 1, 1, 0 with the mean 1
    [Fact]
    public void Distances_are_relative_to_the_mean_of_those_above_zero()
    {
        using var scope = NewDisposeScope();
        var t = RelationalDistillation.Distances(Points(0, 0, 3, 0, 0, 4));
        float[] expected = [0, 0.75f, 1, 0.75f, 0, 1.25f, 1, 1.25f, 0];
        Assert.All(t.ToFloatArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
        var s = RelationalDistillation.Distances(Points(0, 0, 1, 0, 1, 0));
        Assert.Equal([0, 1, 1, 1, 0, 0, 1, 0, 0], s.ToFloatArray());

        // Huber: 2 (½ .25² + 0 + (1.25 - ½)) / 9, times 25
        using var method = new RelationalDistillationOptions { AngleWeight = 0 }.Build(FewEmbeddings.MethodContext);
        var loss = method.Compute(null!, Embedding([0, 0, 3, 0, 0, 4], 2), Embedding([0, 0, 1, 0, 1, 0], 2));
        Assert.Equal(25 * 2 * (0.03125 + 0.75) / 9, loss.Total.ToDouble(), 1e-5);
        Assert.Equal(["distances"], loss.Parts.Select(part => part.Name));
    }

    // a right angle at 0, cosines .6 at (3, 0) and .8 at (0, 4); each leg with itself 1, the vertex itself 0
    [Fact]
    public void Angles_are_cosines_at_the_vertex()
    {
        using var scope = NewDisposeScope();
        float[] expected =
        [
            0, 0, 0, 0, 1, 0, 0, 0, 1,
            1, 0, 0.6f, 0, 0, 0, 0.6f, 0, 1,
            1, 0.8f, 0, 0.8f, 1, 0, 0, 0, 0,
        ];
        var angles = RelationalDistillation.Angles(Points(0, 0, 3, 0, 0, 4)).ToFloatArray();
        Assert.All(angles.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Fact]
    public void Relations_do_not_change_with_scale_and_rotation_and_coincident_points_have_a_finite_gradient()
    {
        using var scope = NewDisposeScope();
        using var method = new RelationalDistillationOptions().Build(FewEmbeddings.MethodContext);
        var turned = Embedding([0, 0, 0, 6, -8, 0], 2);
        Assert.Equal(0, method.Compute(null!, Embedding([0, 0, 3, 0, 0, 4], 2), turned).Total.ToDouble(), 1e-5);

        var s = Points(0, 0, 1, 1, 1, 1).requires_grad_(true);
        method.Compute(null!, Embedding([0, 0, 3, 0, 0, 4], 2), new() { Embedding = s }).Total.backward();
        Assert.True(s.grad!.abs().max().ToDouble() < 100);
    }

    [Fact]
    public void Relations_without_any_term_are_refused()
    {
        var options = new RelationalDistillationOptions { DistanceWeight = 0, AngleWeight = 0 };
        var error = Assert.ThrowsAny<ArgumentException>(() => options.Build(FewEmbeddings.MethodContext));
        Assert.Contains("must be greater than 0 where angleWeight is 0; it is 0.", error.Message);
    }

    // views (1, 0), (0, 1) of both examples: the positive has cosine 1, both others 0, so log(1 + 2 / e^(1/τ))
    [Theory]
    [InlineData(1, 0.5514447)]
    [InlineData(0.5, 0.2395448)]
    public void Each_view_is_to_find_the_other_view_of_its_example(double temperature, double expected)
    {
        using var scope = NewDisposeScope();
        var loss = ContrastiveViews.Loss(Points(2, 0, 0, 3), Points(1, 0, 0, 1), temperature);
        Assert.Equal(expected, loss.ToDouble(), 1e-6);
        Assert.Equal(Math.Log(1 + 2 / Math.Exp(1 / temperature)), loss.ToDouble(), 1e-6);
    }

    [Theory]
    [InlineData(1, "this data has no augmentation.")]
    [InlineData(4, "this data has 4 views: leave \"views\" out.")]
    public void Data_whose_views_do_not_change_is_refused(int views, string end)
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => new ContrastiveViewsOptions().Build(FewEmbeddings.MethodContext with { Views = views }));
        Assert.Equal("The method \"contrastive\" compares two augmented views of each example, drawn anew in every "
            + $"epoch; {end}", error.Message);
    }

    [Theory]
    [InlineData("embedding-regression")]
    [InlineData("rkd")]
    [InlineData("contrastive")]
    public void Other_tasks_are_refused(string method) => Assert.StartsWith(
        $"The method \"{method}\" trains the embedding and no classifier",
        Assert.Throws<InvalidOperationException>(() => Few.Options(method).Build(Few.MethodContext)).Message);

    static Outputs Embedding(float[] values, int width) => new() { Embedding = Points(values) };

    static Tensor Points(params float[] values) => ((ReadOnlySpan<float>)values).ToTensor(values.Length / 2, 2);
}
