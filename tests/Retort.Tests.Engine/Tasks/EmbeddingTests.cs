using Retort.Tasks;
using Retort.Tests.Metrics;

namespace Retort.Tests.Tasks;

/// <summary>Embeddings: alike to the teacher's, and useful where labels are there.</summary>
public sealed class EmbeddingTests
{
    static LearningTask Task(EmbeddingScore primary = EmbeddingScore.Cosine, int classes = 3) =>
        new EmbeddingOptions { Primary = primary }.Build(
            TaskData.Data(classes > 0 ? TargetKind.Class : TargetKind.None, classes));

    static Predictions Golden(string split, string labels) => TaskData.Embeddings(
        MetricsGolden.Floats("embedding", split),
        (int)MetricsGolden.Number("embedding", "width"), MetricsGolden.Longs("embedding", labels));

    static Predictions Teacher => TaskData.Embeddings(MetricsGolden.Floats("embedding", "teacher"),
        (int)MetricsGolden.Number("embedding", "teacher_width"), MetricsGolden.Longs("embedding", "labels"));

    [Fact] // NumPy's Gram matrices, scikit-learn's neighbors, L-BFGS of SciPy on the probe's objective
    public void Scores_are_those_of_scikit_learn_and_numpy()
    {
        var scores = Task(EmbeddingScore.Cka)
            .Evaluate(Golden("test", "labels"), Teacher, Golden("training", "training_labels"));
        Assert.Equal(["cka", "knn_1", "knn_20", "linear_probe", "cluster_alignment"], scores.Keys);
        Assert.Equal(MetricsGolden.Number("embedding", "cka"), scores["cka"], 1e-6);
        Assert.Equal(MetricsGolden.Number("embedding", "knn_1"), scores["knn_1"], 1e-12);
        Assert.Equal(MetricsGolden.Number("embedding", "linear_probe"), scores["linear_probe"], 1e-6);
    }

    [Fact] // the classes are apart in x, on scales that differ a thousandfold; y is noise
    public void A_linear_probe_separates_what_is_separable()
    {
        float[] training = [-1, 3000, -2, -1000, -1.5f, 500, 1, 3000, 2, -1500, 1.5f, 200];
        float[] test = [-1.2f, 2000, 1.2f, 2000, 1.1f, -2000, -1.1f, -2000];
        var probe = new LinearProbe(TaskData.Embeddings(training, 2, [0, 0, 0, 1, 1, 1]), classes: 2);
        Assert.Equal(1, probe.Accuracy(TaskData.Embeddings(test, 2, [0, 1, 1, 0])));
    }

    [Fact] // learned from the two that are known; of the test's three the known two count, one of them right
    public void A_linear_probe_leaves_unknown_labels_out() => Assert.Equal(0.5,
        new LinearProbe(TaskData.Embeddings([-1, 1, 5], 1, [0, 1, -1]), classes: 2)
            .Accuracy(TaskData.Embeddings([-1, 1, 7], 1, [0, 0, -1])));

    [Fact]
    public void Without_labels_only_the_teacher_is_compared_with()
    {
        var (task, student) = (Task(classes: 0), TaskData.Embeddings([1, 0, 0, 2], 2));
        Assert.Equal(["cosine", "mse", "cka"], task.Evaluate(student, TaskData.Embeddings([2, 0, 0, 1], 2)).Keys);
        Assert.Empty(task.Evaluate(student));
        Assert.False(task.HasTargets);
        Assert.False(task.ScoresNeedTraining);
    }

    [Theory]
    [InlineData(EmbeddingScore.Cosine, "cosine", true, true)]
    [InlineData(EmbeddingScore.Mse, "mse", true, false)]
    [InlineData(EmbeddingScore.Cka, "cka", true, true)]
    [InlineData(EmbeddingScore.Knn1, "knn_1", false, true)]
    [InlineData(EmbeddingScore.Knn20, "knn_20", false, true)]
    [InlineData(EmbeddingScore.LinearProbe, "linear_probe", false, true)]
    [InlineData(EmbeddingScore.ClusterAlignment, "cluster_alignment", false, true)]
    public void An_epoch_computes_the_primary_score_alone(
        EmbeddingScore primary, string name, bool needsTeacher, bool higherIsBetter)
    {
        var (task, predictions) = (Task(primary), TaskData.Embeddings([1, 0, 0, 2, 1, 1], 2, [0, 1, 0]));
        Assert.Equal((name, needsTeacher, higherIsBetter),
            (task.Primary.Name, task.ScoresNeedTeacher, task.Primary.HigherIsBetter));
        Assert.Equal([name], task.EvaluateEpoch(predictions, needsTeacher ? predictions : null).Keys);
    }

    [Fact] // each other's nearest neighbors are of the other class, so leave-one-out is 0 and in-sample it would be 1
    public void At_an_epochs_end_neighbors_are_found_within_validation() => Assert.Equal(0,
        Task(EmbeddingScore.Knn1).EvaluateEpoch(TaskData.Embeddings([1, 0, 1, 0.1f], 2, [0, 1]), null)["knn_1"]);

    [Fact]
    public void A_score_by_the_teacher_without_one_is_refused()
    {
        var predictions = TaskData.Embeddings([1, 0], 2, [0]);
        var error = Assert.Throws<InvalidOperationException>(() => Task().EvaluateEpoch(predictions, teacher: null));
        Assert.Equal("The score \"cosine\" compares with a teacher's embeddings, and this run has no teacher.",
            error.Message);
    }

    [Fact]
    public void A_cosine_to_wider_embeddings_is_refused_and_cka_is_not()
    {
        var student = TaskData.Embeddings([1, 0, 0, 1], 2, [0, 1]);
        var teacher = TaskData.Embeddings([1, 0, 0, 0, 1, 0], 3, [0, 1]);
        Assert.Equal("The task's primary score \"cosine\" needs embeddings as wide as the teacher's; "
            + "the student's width is 2 and the teacher's 3. Choose cka, or with labels knn_1, "
            + "knn_20, linear_probe or cluster_alignment.",
            Assert.Throws<InvalidOperationException>(() => Task().Evaluate(student, teacher)).Message);
        Assert.Equal(["cka"], Task(EmbeddingScore.Cka).Evaluate(student, teacher).Keys);
    }

    [Fact]
    public void Embeddings_of_other_examples_are_not_compared()
    {
        var (student, teacher) = (TaskData.Embeddings([1, 0, 0, 1], 2, [0, 1]), TaskData.Embeddings([1, 0], 2, [0]));
        Assert.Throws<InvalidOperationException>(() => Task().Evaluate(student, teacher));
    }

    [Fact]
    public void Without_labels_there_is_no_supervised_loss()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Task(classes: 0).SupervisedLoss(null!, new()));
        Assert.Equal("This data has no targets: the task \"embedding\" learns from a teacher.", error.Message);
    }
}
