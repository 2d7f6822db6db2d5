using Retort.Data;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tasks;
using Retort.Tests.Contract;
using Retort.Tests.Proofs;

namespace Retort.Tests.Recipes;

/// <summary>Runs of the task "embedding" whose recipe trains the teacher.</summary>
public sealed class EmbeddingRunTests
{
    static Recipe Recipe(int studentWidth, EmbeddingScore primary = EmbeddingScore.Cosine) => new()
    {
        Name = "embedding",
        Data = new ToyOptions { Examples = 64 },
        Task = new EmbeddingOptions { Primary = primary },
        Teacher = new TrainedTeacherOptions
        {
            Network = new MlpOptions { Hidden = [16, 8] },
            Training = new() { Epochs = 2, BatchSize = 16 },
        },
        Student = new MlpOptions { Hidden = [studentWidth] },
        Method = new QueueOptions(),
        Training = new() { Epochs = 2, BatchSize = 16 },
        Threads = 1,
    };

    [Theory]
    [InlineData(EmbeddingScore.Cosine, "cosine")]
    [InlineData(EmbeddingScore.Mse, "mse")]
    [InlineData(EmbeddingScore.Cka, "cka")]
    public void A_teacher_that_learns_classes_is_selected_by_its_neighbors(EmbeddingScore primary, string name)
    {
        var run = Experiment.Run(Recipe(studentWidth: 8, primary), new() { Folder = Folder(), Jobs = 1 });
        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        Assert.Equal(name, (string)results["task"]!["primary"]!);
        Assert.NotNull(results["student"]!["scores"]![name]);
        Assert.NotNull(results["teacher"]!["scores"]!["knn_20"]);
        Assert.Null(results["teacher"]!["scores"]![name]);
        Assert.Contains("\"knn_20\"", File.ReadLines(Path.Combine(run, "networks/teacher/metrics.jsonl")).First());
    }

    [Fact] // the control is scored by the chosen teacher's embeddings, the teachers by their neighbors
    public void Of_several_learning_rates_the_teacher_has_the_one_with_the_best_neighbors()
    {
        var recipe = Recipe(studentWidth: 8) with
        {
            Tuning = new() { LearningRates = [0.05], TeacherLearningRates = [0.1, 1e-6], Seeds = 1 },
            Seeds = 1,
        };
        var run = Experiment.Run(recipe, new() { Folder = Folder(), Jobs = 1 });
        var teachers = JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search").Teacher!;
        Assert.Equal(2, teachers.Trials.Count);
        Assert.Equal(teachers.Trials.Max(trial => trial.Scores[0].Score), teachers.Best.Scores[0].Score);
        Assert.Equal(
            (double)teachers.Best.Settings.Values.Single(),
            (double)TestRuns.Card(run, "teacher").Training!["learningRate"]!);
    }

    [Fact]
    public void A_width_that_cannot_be_scored_is_refused_before_the_first_step()
    {
        var folder = Folder();
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(Recipe(studentWidth: 6), new() { Folder = folder, Jobs = 1 }));
        Assert.Contains("the student's width is 6 and the teacher's 8", error.Message);
        Assert.False(File.Exists(Path.Combine(folder, "networks/control-seed1/metrics.jsonl")));
    }

    [Fact]
    public void Without_classes_a_teacher_cannot_be_trained()
    {
        var folder = Folder();
        var recipe = Recipe(studentWidth: 8) with { Data = new UnlabelledOptions() };
        var error = Assert.Throws<InvalidOperationException>(
            () => Experiment.Run(recipe, new() { Folder = folder, Jobs = 1 }));
        Assert.StartsWith(
            "This data has no classes, so that the task \"embedding\" cannot train a teacher", error.Message);
        Assert.False(Directory.Exists(folder));
    }

    static string Folder() => Path.Combine(Few.Folder(), "run");
}
