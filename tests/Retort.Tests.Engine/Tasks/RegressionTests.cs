using Retort.Tasks;
using Retort.Tests.Metrics;

namespace Retort.Tests.Tasks;

/// <summary>Values: correlation and squared error.</summary>
public sealed class RegressionTests
{
    static LearningTask Task(RegressionScore primary = RegressionScore.Pearson, int classes = 1) =>
        new RegressionOptions { Primary = primary }.Build(TaskData.Data(TargetKind.Values, classes));

    static IReadOnlyDictionary<string, double> Scores(float[] values, float[] targets, int width = 1) =>
        Task(classes: width).Evaluate(TaskData.Values(values, targets, width));

    [Fact] // Σ dx dy = (−1)(−4/3) + 1 · 5/3 = 3, Σ dx² = 2, Σ dy² = (16 + 1 + 25) / 9: 3 / √(2 · 42/9)
    public void Pearson_of_three_values() => Assert.Equal(0.981981, Scores([1, 2, 3], [1, 2, 4])["pearson"], 1e-6);

    // ranks 1 2.5 2.5 4 and 1 3 2 4: Σ dx dy = 1.5² + 0 + 0 + 1.5² = 4.5, Σ dx² = 4.5, Σ dy² = 5: 4.5 / √22.5
    [Fact]
    public void Spearman_gives_equal_values_their_mean_rank() =>
        Assert.Equal(0.948683, Scores([1, 2, 2, 3], [1, 3, 2, 4])["spearman"], 1e-6);

    [Theory] // SciPy 1.10.1 on 40 values with one decimal
    [InlineData("pearson")]
    [InlineData("spearman")]
    [InlineData("mse")]
    public void Scores_are_those_of_scipy(string score)
    {
        float[] values = MetricsGolden.Floats("regression", "values");
        float[] targets = MetricsGolden.Floats("regression", "targets");
        Assert.Equal(MetricsGolden.Number("regression", score), Scores(values, targets)[score], 1e-6);
    }

    [Fact] // column 0: ((1 − 0)² + (3 − 1)²) / 2 = 2.5; column 1: its known value alone, 4² = 16; mean 9.25
    public void The_squared_error_is_the_mean_over_columns_of_known_values() =>
        Assert.Equal(9.25, Scores([1, 5, 3, 4], [0, float.NaN, 1, 0], width: 2)["mse"], 1e-12);

    [Fact]
    public void A_constant_column_and_one_value_alone_have_no_correlation()
    {
        Assert.Equal(0, Scores([2, 2, 2], [1, 2, 3])["pearson"]);
        Assert.Equal(0, Scores([2, 2, 2], [1, 2, 3])["spearman"]);
        Assert.Equal(0, Scores([2], [1])["pearson"]);
        Assert.Equal((0, 0), (Scores([2], [float.NaN])["spearman"], Scores([2], [float.NaN])["mse"]));
    }

    [Fact] // ((1 − 0)² + (3 − 1)²) / 2; the unknown value counts nothing
    public void The_loss_is_the_mean_squared_error_of_known_values()
    {
        using var scope = torch.NewDisposeScope();
        var targets = torch.tensor(new float[,] { { 0 }, { 1 }, { float.NaN } });
        var student = new Outputs { Logits = torch.tensor(new float[,] { { 1 }, { 3 }, { 99 } }) };
        Assert.Equal(2.5, Task().SupervisedLoss(TaskData.Batch(targets), student).ToSingle(), 1e-6);
    }

    [Fact] // (1² + 3²) / 2, whatever the targets
    public void The_error_to_the_teacher_needs_no_targets()
    {
        float[] targets = [float.NaN, 0];
        var scores = Task().Evaluate(TaskData.Values([1, 2], targets, 1), TaskData.Values([2, 5], targets, 1));
        Assert.Equal(5, scores["mse_to_teacher"], 1e-12);
    }

    [Theory]
    [InlineData(RegressionScore.Pearson, "pearson", "mse")]
    [InlineData(RegressionScore.Spearman, "spearman", "mse")]
    [InlineData(RegressionScore.Mse, "mse", null)]
    public void The_error_breaks_ties_where_it_is_not_the_primary_score(
        RegressionScore primary, string name, string? tie)
    {
        var task = Task(primary);
        Assert.Equal((name, tie), (task.Primary.Name, task.TieBreaker?.Name));
        Assert.Equal(primary != RegressionScore.Mse, task.Primary.HigherIsBetter);
        var predictions = TaskData.Values([1, 2], [1, 3], 1);
        Assert.Equal(tie is null ? [name] : [name, tie], task.EvaluateEpoch(predictions, null).Keys);
    }
}
