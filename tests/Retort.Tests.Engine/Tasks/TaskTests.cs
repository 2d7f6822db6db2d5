using Retort.Environments;
using Retort.Recipes;
using Retort.Tasks;
using Retort.Tests.Contract;

namespace Retort.Tests.Tasks;

/// <summary>What all tasks keep, and what they refuse.</summary>
public sealed class TaskTests
{
    public static TheoryData<string> All => [.. Few.Shipped(Registry.Tasks)];

    static TaskOptions Options(string name) => (TaskOptions)Activator.CreateInstance(Registry.Tasks[name])!;

    static TargetKind Targets(string name) => name switch
    {
        "classification" => TargetKind.Class,
        "multi-label" => TargetKind.Labels,
        "regression" => TargetKind.Values,
        _ => TargetKind.None,
    };

    [Theory, MemberData(nameof(All))]
    public void Its_name_is_the_registrys_and_its_scores_have_names_of_their_own(string name)
    {
        var task = Options(name).Build(name == "return" ? new PendulumOptions().Open().Info
            : TaskData.Data(Targets(name), Targets(name) == TargetKind.None ? 0 : 2));
        Assert.Equal(name, task.Name);
        Assert.Equal(task.Scores.Count, task.Scores.Select(score => score.Name).Distinct().Count());
        Assert.All(task.Scores, score => Assert.Matches("^[a-z0-9_]+$", score.Name));
        Assert.True(task.TieBreaker is null || task.Scores.Contains(task.TieBreaker));
    }

    [Theory]
    [InlineData("classification", TargetKind.Labels, "one class per example", "several labels per example")]
    [InlineData("classification", TargetKind.None, "one class per example", "no targets")]
    [InlineData("multi-label", TargetKind.Class, "several labels per example", "one class per example")]
    [InlineData("regression", TargetKind.Class, "values", "one class per example")]
    [InlineData("regression", TargetKind.Labels, "values", "several labels per example")]
    public void Data_with_other_targets_is_refused_in_one_sentence(
        string name, TargetKind targets, string needed, string found)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Options(name).Build(TaskData.Data(targets, 2)));
        Assert.Equal($"The task \"{name}\" needs data with {needed}; this data has {found}.", error.Message);
    }

    [Theory]
    [InlineData(EmbeddingScore.Knn1, "knn_1")]
    [InlineData(EmbeddingScore.Knn20, "knn_20")]
    [InlineData(EmbeddingScore.LinearProbe, "linear_probe")]
    [InlineData(EmbeddingScore.ClusterAlignment, "cluster_alignment")]
    public void An_embedding_score_by_labels_is_refused_on_data_without_classes(EmbeddingScore primary, string name)
    {
        var options = new EmbeddingOptions { Primary = primary };
        Assert.Equal($"The task's primary score \"{name}\" needs data with one class per example; "
            + "this data has no targets. Choose cosine, mse or cka.",
            Assert.Throws<InvalidOperationException>(() => options.Build(TaskData.Data(TargetKind.None, 0))).Message);
        Assert.Throws<InvalidOperationException>(() => options.Build(TaskData.Data(TargetKind.Values, 1)));
    }

    [Theory]
    [InlineData("multi-label")]
    [InlineData("regression")]
    [InlineData("embedding")]
    public void A_method_that_compares_class_probabilities_is_refused(string name)
    {
        var task = Options(name).Build(TaskData.Data(Targets(name), Targets(name) == TargetKind.None ? 0 : 2));
        Assert.Equal("The method \"kd\" compares class probabilities, which only the task \"classification\" has; "
            + $"this run's task is \"{name}\".",
            Assert.Throws<InvalidOperationException>(() => task.RequireClassProbabilities("kd")).Message);
        Few.Task.RequireClassProbabilities("kd");
    }

    [Theory]
    [InlineData(TargetKind.Class, "classification")]
    [InlineData(TargetKind.Labels, "multi-label")]
    [InlineData(TargetKind.Values, "regression")]
    [InlineData(TargetKind.None, "embedding")]
    public void Where_a_recipe_names_no_task_the_targets_decide(TargetKind targets, string name)
    {
        var data = TaskData.Data(targets, targets == TargetKind.None ? 0 : 2);
        Assert.Equal(name, Recipe.TaskOf(data).Build(data).Name);
    }

    [Fact]
    public void A_recipe_names_task_and_primary_score()
    {
        static Recipe Read(string task) => Recipe.Parse($$"""
            {
              "data": { "name": "toy" },
              "task": {{task}},
              "student": { "name": "mlp" },
              "method": { "name": "labels" }
            }
            """, "recipe.json");
        Assert.Equal(new ClassificationOptions { Primary = ClassificationScore.MacroF1 },
            Read("""{ "name": "classification", "primary": "macroF1" }""").Task);
        Assert.Equal(new EmbeddingOptions { Primary = EmbeddingScore.Knn20 },
            Read("""{ "name": "embedding", "primary": "knn20" }""").Task);
        var error = Assert.Throws<InvalidDataException>(
            () => Read("""{ "name": "regression", "primary": "accuracy" }"""));
        Assert.Contains("task.primary must be one of \"pearson\", \"spearman\", \"mse\"; it is \"accuracy\"",
            error.Message, StringComparison.Ordinal);
    }

    [Fact] // 0.2 is below 0.3: better where lower is better
    public void A_score_says_which_of_two_values_is_better()
    {
        var higher = new Score("a", "a", ScoreUnit.Number);
        var lower = new Score("b", "b", ScoreUnit.Nats, HigherIsBetter: false);
        Assert.True(higher.IsBetter(0.3, 0.2) && !higher.IsBetter(0.2, 0.2));
        Assert.True(lower.IsBetter(0.2, 0.3) && !lower.IsBetter(0.2, 0.2));
        Assert.Equal((0.3, -0.3), (higher.Rank(0.3), lower.Rank(0.3)));
    }

    [Fact]
    public void A_training_selects_by_the_tasks_own_primary_score()
    {
        var job = Few.Job(
            Few.Folder(), _ => new Retort.Methods.LabelsOnly(new ClassificationOptions().Build(Few.Data.Info))) with
        {
            Task = new EmbeddingOptions { Primary = EmbeddingScore.Knn1 }.Build(Few.Data.Info),
        };
        using var trainer = new Retort.Training.Trainer(job);
        trainer.Run(TestContext.Current.CancellationToken);
        var epochs = Retort.Training.MetricsLog.Read(Path.Combine(job.Folder, "metrics.jsonl"));
        Assert.All(epochs, epoch => Assert.Equal(["knn_1"], epoch.Validation.Keys));
    }
}
