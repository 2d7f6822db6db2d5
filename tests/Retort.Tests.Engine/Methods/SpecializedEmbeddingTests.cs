using Retort.Methods;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>SEA's targets and loss, on numbers that are computed by hand.</summary>
public sealed class SpecializedEmbeddingTests
{
    // standardized by (4, 5.5) and (√5, √12.75 / …): the first component is (√½, √½), variances with N - 1
    [Fact]
    public void Targets_are_the_scores_of_the_standardized_embeddings()
    {
        using var scope = NewDisposeScope();
        var embeddings = Rows(2, 1, 2, 3, 4, 5, 9, 7, 9);
        using var reduction = SpecializedEmbedding.Reduction.Fit(embeddings, [0, 1, 2, 3], width: 1, whiten: false);
        double[] expected = [-1.866346, -0.775059, 1.004475, 1.636930];
        var scores = reduction.call(embeddings.Values.ToTensor(4, 2)).ToFloatArray();
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal(2.590826 / (2.590826 + 0.075841), reduction.ExplainedVariance, 1e-6);
        var components = reduction.state_dict()["components"].ToFloatArray();
        Assert.All(components, value => Assert.Equal(Math.Sqrt(0.5), value, 1e-6));

        using var whitened = SpecializedEmbedding.Reduction.Fit(embeddings, [0, 1, 2, 3], width: 1, whiten: true);
        var variance = whitened.call(embeddings.Values.ToTensor(4, 2)).Squared().mean().ToDouble();
        Assert.Equal(1, variance, 1e-5);
    }

    [Fact]
    public void A_student_as_wide_as_the_teacher_learns_the_embedding_itself()
    {
        using var scope = NewDisposeScope();
        using var same = SpecializedEmbedding.Reduction.Fit(Rows(2, 1, 2, 3, 4), [0, 1], width: 2, whiten: false);
        Assert.Equal([5, 6], same.call(tensor(new float[,] { { 5, 6 } })).ToFloatArray());
        Assert.Equal(1, same.ExplainedVariance);
    }

    [Fact]
    public void A_constant_number_is_not_divided_by_zero()
    {
        using var scope = NewDisposeScope();
        var embeddings = Rows(3, 1, 7, 2, 2, 7, 4, 4, 7, 3);
        using var reduction = SpecializedEmbedding.Reduction.Fit(embeddings, [0, 1, 2], width: 2, whiten: true);
        Assert.All(reduction.call(embeddings.Values.ToTensor(3, 3)).ToFloatArray(), value =>
            Assert.True(float.IsFinite(value)));

        // on a line one component varies
        var line = Rows(3, 1, 1, 2, 2, 2, 4, 4, 4, 8);
        Assert.Equal(
            "The method \"sea\" cannot whiten 2 components: fewer of the sample's vary.",
            Assert.Throws<InvalidOperationException>(
                () => SpecializedEmbedding.Reduction.Fit(line, [0, 1, 2], width: 2, whiten: true)).Message);
    }

    [Fact] // differences 1, 2 and 0, 3: 14 / 4, and the gradient 2 (f - φ) / (B d)
    public void The_loss_is_the_mean_squared_error_and_reaches_the_student_alone()
    {
        using var scope = NewDisposeScope();
        using var loss = new SpecializedEmbedding.Loss(
            SpecializedEmbedding.Reduction.Fit(Rows(2, 1, 2, 3, 4), [0, 1], width: 2, whiten: false));
        var student = tensor(new float[,] { { 2, 4 }, { 3, 7 } }, requires_grad: true);
        var teacher = tensor(new float[,] { { 1, 2 }, { 3, 4 } });
        var total = loss.Compute(null!, new() { Embedding = teacher }, new() { Embedding = student }).Total;
        Assert.Equal(3.5, total.ToDouble(), 6);
        total.backward();
        Assert.Equal([0.5f, 1, 0, 1.5f], student.grad!.ToFloatArray());
    }

    [Fact]
    public void The_relative_error_is_zero_for_the_targets_and_one_for_their_mean()
    {
        var teacher = Rows(2, 1, 2, 3, 6);
        using var same = SpecializedEmbedding.Reduction.Fit(teacher, [0, 1], width: 2, whiten: false);
        Assert.Equal(0, same.RelativeError(teacher, teacher), 1e-7);
        Assert.Equal(1, same.RelativeError(Rows(2, 2, 4, 2, 4), teacher), 1e-7);
    }

    [Fact]
    public void A_wider_student_and_too_few_embeddings_are_refused()
    {
        Assert.Equal(
            "The method \"sea\" needs a student whose embedding is at most as wide as the teacher's, 2; it is 3.",
            Refusal(Rows(2, 1, 2, 3, 4), 3));
        Assert.Equal(
            "The method \"sea\" fits a reduction to 3 numbers on more embeddings than that, all of the training split "
            + "or method.sample; there are 2.",
            Refusal(Rows(4, 1, 2, 3, 4, 5, 6, 7, 8), 3));

        static string Refusal(Predictions embeddings, int width) => Assert.Throws<InvalidOperationException>(
            () => SpecializedEmbedding.Reduction.Fit(embeddings, [0, 1], width, whiten: false)).Message;
    }

    static Predictions Rows(int width, params float[] values) => new()
    {
        Output = "embedding",
        Values = values,
        Width = width,
        Labels = new long[values.Length / width],
        Ids = [.. Enumerable.Range(0, values.Length / width).Select(i => (long)i)],
    };
}
