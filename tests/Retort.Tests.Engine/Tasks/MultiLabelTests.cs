using Retort.Tasks;
using Retort.Tests.Metrics;

namespace Retort.Tests.Tasks;

/// <summary>Labels that are yes or no: loss and scores.</summary>
public sealed class MultiLabelTests
{
    static LearningTask Task(MultiLabelScore primary = MultiLabelScore.MacroAuprc, int classes = 2) =>
        new MultiLabelOptions { Primary = primary }.Build(TaskData.Data(TargetKind.Labels, classes));

    [Theory] // scikit-learn 1.2.1 on 50 examples of 4 labels with many equal logits
    [InlineData("macro_auprc")]
    [InlineData("micro_auprc")]
    [InlineData("macro_f1")]
    [InlineData("micro_f1")]
    [InlineData("bce")]
    public void Scores_are_those_of_scikit_learn(string score)
    {
        var predictions = TaskData.Values(
            MetricsGolden.Floats("multi_label", "logits"), MetricsGolden.Floats("multi_label", "targets"), width: 4);
        Assert.Equal(MetricsGolden.Number("multi_label", score), Task(classes: 4).Evaluate(predictions)[score], 1e-6);
    }

    [Theory]
    [InlineData(MultiLabelScore.MacroAuprc, "macro_auprc")]
    [InlineData(MultiLabelScore.MicroAuprc, "micro_auprc")]
    [InlineData(MultiLabelScore.MacroF1, "macro_f1")]
    [InlineData(MultiLabelScore.MicroF1, "micro_f1")]
    public void An_epoch_computes_the_primary_score_and_its_tie_breaker(MultiLabelScore primary, string name)
    {
        var scores = Task(primary).EvaluateEpoch(TaskData.Values([1, -1, 2, 3], [1, 0, 1, 0], 2), teacher: null);
        Assert.Equal([name, "bce"], scores.Keys);
    }

    // −ln σ(0) = ln 2 for a positive label, −ln(1 − σ(ln 3)) = −ln ¼ = 2 ln 2 for a negative one: mean 1.5 ln 2.
    // The unknown label counts nothing, however wrong its logit.
    [Fact]
    public void The_loss_is_the_mean_over_known_labels()
    {
        using var scope = torch.NewDisposeScope();
        var targets = torch.tensor(new float[,] { { 1, 0 }, { float.NaN, float.NaN } });
        var logits = torch.tensor(new float[,] { { 0, MathF.Log(3) }, { 50, -50 } }, requires_grad: true);
        var loss = Task().SupervisedLoss(TaskData.Batch(targets), new() { Logits = logits });
        Assert.Equal(1.5 * Math.Log(2), loss.ToSingle(), 1e-6);
        loss.backward();
        Assert.Equal(                                                       // (σ − t) / 2
            [-0.25f, 0.375f, 0, 0], logits.grad!.ToFloatArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Where_no_label_is_known_the_loss_is_0()
    {
        using var scope = torch.NewDisposeScope();
        var logits = torch.zeros(2, 2, requires_grad: true);
        var loss = Task().SupervisedLoss(TaskData.Batch(torch.full([2, 2], float.NaN)), new() { Logits = logits });
        loss.backward();
        Assert.Equal((0f, 0f), (loss.ToSingle(), logits.grad!.abs().sum().ToSingle()));
    }

    [Fact] // e^1000 is beyond a double; the loss is not: (1000 + 0) / 2
    public void The_bce_of_a_very_wrong_logit_is_finite() =>
        Assert.Equal(500, Task().Evaluate(TaskData.Values([1000, 1000], [0, 1], 2))["bce"], 1e-9);

    [Fact] // yes/no of the four decisions: same, same, other, same
    public void Agreement_is_the_share_of_equal_decisions()
    {
        float[] targets = [1, 0, 1, 0];
        var student = TaskData.Values([1, -1, 2, -3], targets, 2);
        var teacher = TaskData.Values([5, -5, -5, -5], targets, 2);
        var scores = Task().Evaluate(student, teacher);
        Assert.Equal(0.75, scores["agreement"]);
    }

    [Fact]
    public void Predictions_without_targets_or_with_nan_and_a_teacher_on_other_examples_are_refused()
    {
        var bare = TaskData.Embeddings([1, 2], 2);
        var broken = TaskData.Values([1, 2, float.NaN, 3], [0, 0, 1, 1], 2);
        Assert.Equal("Each output must have a target; there are 2 outputs and 0 targets.",
            Assert.Throws<ArgumentException>(() => Task().Evaluate(bare)).Message);
        Assert.Equal("Outputs must be finite; row 1 has NaN in column 0.",
            Assert.Throws<ArgumentException>(() => Task().Evaluate(broken)).Message);
        Assert.Throws<InvalidOperationException>(
            () => Task().Evaluate(TaskData.Values([1, 2], [0, 1], 2), TaskData.Values([1, 2], [1, 1], 2)));
    }

    [Fact]
    public void A_batch_without_targets_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        var batch = new Batch
        {
            Inputs = new(), Labels = torch.zeros(1, dtype: torch.ScalarType.Int64), Labelled = 1, Ids = [0],
        };
        Assert.Equal("The task \"multi-label\" needs targets in every batch; the data's split filled none.",
            Assert.Throws<InvalidOperationException>(() => Task().SupervisedLoss(batch, new())).Message);
    }
}
