using Retort.Tasks;
using Retort.Tests.Metrics;

namespace Retort.Tests.Tasks;

/// <summary>One class per example: its scores and which of them decides.</summary>
public sealed class ClassificationTests
{
    static LearningTask Task(ClassificationScore primary = ClassificationScore.Accuracy, int classes = 2) =>
        new ClassificationOptions { Primary = primary }.Build(TaskData.Data(TargetKind.Class, classes));

    [Fact] // scikit-learn 1.2.1 on 60 examples of 4 classes
    public void Macro_f1_and_mcc_are_those_of_scikit_learn()
    {
        var predictions = TaskData.Logits(
            MetricsGolden.Floats("classification", "logits"), MetricsGolden.Longs("classification", "labels"));
        var scores = Task(classes: 4).Evaluate(predictions);
        Assert.Equal(MetricsGolden.Number("classification", "macro_f1"), scores["macro_f1"], 1e-12);
        Assert.Equal(MetricsGolden.Number("classification", "mcc"), scores["mcc"], 1e-12);
    }

    [Theory]
    [InlineData(ClassificationScore.Accuracy, "accuracy")]
    [InlineData(ClassificationScore.MacroF1, "macro_f1")]
    [InlineData(ClassificationScore.Mcc, "mcc")]
    [InlineData(ClassificationScore.Nll, "nll")]
    public void The_primary_score_comes_first_and_an_epoch_computes_it_beside_accuracy_and_nll(
        ClassificationScore primary, string name)
    {
        var (task, predictions) = (Task(primary), TaskData.Logits([2, 0, 0, 1, 3, 0], [0, 1, 1]));
        Assert.Equal(name, task.Primary.Name);
        Assert.Equal(7, task.Scores.Select(score => score.Name).Distinct().Count());
        var scores = task.EvaluateEpoch(predictions, teacher: null);
        Assert.Equal(new[] { "accuracy", "nll", name }.Distinct().Order(), scores.Keys.Order());
        Assert.All(scores, score => Assert.Equal(task.Evaluate(predictions)[score.Key], score.Value));
    }

    [Fact] // predictions 0 1 1 1 of 0 0 1 1: TP 2, FP 1, FN 0: 4 / 5; accuracy 3 / 4
    public void F1_is_that_of_the_second_class_with_accuracy_beside_it()
    {
        var task = Task(ClassificationScore.F1);
        var predictions = TaskData.Logits([1, 0, 0, 1, 0, 1, 0, 1], [0, 0, 1, 1]);
        Assert.Equal(["f1", "accuracy"], task.Scores.Take(2).Select(score => score.Name));
        var scores = task.EvaluateEpoch(predictions, teacher: null);
        Assert.Equal((0.8, 0.75), (scores["f1"], scores["accuracy"]));
        Assert.DoesNotContain("f1", Task().Evaluate(predictions).Keys);
    }

    [Fact]
    public void F1_of_several_classes_is_refused() => Assert.Equal(
        "task.primary \"f1\" is the F1 of the second of two classes; this data has 4: choose \"macroF1\".",
        Assert.Throws<InvalidOperationException>(() => Task(ClassificationScore.F1, classes: 4)).Message);

    [Fact]
    public void Without_a_teacher_there_is_no_agreement_and_with_itself_it_is_1()
    {
        var predictions = TaskData.Logits([2, 0, 0, 1], [0, 0]);
        Assert.Equal(["accuracy", "ece", "macro_f1", "mcc", "nll"], Task().Evaluate(predictions).Keys.Order());
        var scores = Task().Evaluate(predictions, predictions);
        Assert.Equal((1, 0), (scores["agreement"], scores["kl"]));
    }

    [Fact] // equal accuracy: the lower NLL; where NLL is the primary score nothing else decides
    public void Of_equal_scores_the_lower_nll_is_better()
    {
        static Dictionary<string, double> Scores(double accuracy, double nll) =>
            new() { ["accuracy"] = accuracy, ["nll"] = nll };
        Assert.True(Task().IsBetter(Scores(0.8, 0.5), Scores(0.8, 0.6)));
        Assert.False(Task().IsBetter(Scores(0.8, 0.6), Scores(0.8, 0.6)));
        Assert.False(Task().IsBetter(Scores(0.7, 0.1), Scores(0.8, 0.6)));
        Assert.True(Task(ClassificationScore.Nll).IsBetter(Scores(0.7, 0.1), Scores(0.8, 0.6)));
        Assert.Null(Task(ClassificationScore.Nll).TieBreaker);
    }

    [Fact] // 3 of 3 and 1 of 3 are right: 2/3 as one division, where 1 − 1/3 would round twice
    public void Accuracies_are_subtracted_as_counts()
    {
        var student = TaskData.Logits([1, 0, 1, 0, 1, 0], [0, 0, 0]);
        var control = TaskData.Logits([1, 0, 0, 1, 0, 1], [0, 0, 0]);
        var difference = Task().Difference(student, control, Task().Evaluate(student), Task().Evaluate(control));
        Assert.Equal(2 / 3.0, difference);
    }

    [Fact] // −ln ½ of the first; the second has no label
    public void The_supervised_loss_is_the_cross_entropy_of_the_labelled_examples()
    {
        using var scope = torch.NewDisposeScope();
        var batch = new Batch
        {
            Inputs = new(), Labels = torch.tensor(new long[] { 1, -1 }), Labelled = 1, Ids = [0, 1],
        };
        var student = new Outputs { Logits = torch.tensor(new float[,] { { 0, 0 }, { 9, 0 } }) };
        Assert.Equal(Math.Log(2), Task().SupervisedLoss(batch, student).ToSingle(), 1e-6);
    }

    [Fact]
    public void A_teacher_that_predicted_other_examples_is_refused()
    {
        var (student, teacher) = (TaskData.Logits([2, 0, 0, 1], [0, 0]), TaskData.Logits([2, 0, 0, 1], [0, 1]));
        var error = Assert.Throws<InvalidOperationException>(() => Task().Evaluate(student, teacher));
        Assert.StartsWith("Teacher and student predicted different examples", error.Message, StringComparison.Ordinal);
    }
}
