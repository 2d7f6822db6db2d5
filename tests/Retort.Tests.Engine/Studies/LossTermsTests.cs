using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Recipes;
using Retort.Report;
using Retort.Tests.House;
using Retort.Tests.Recipes;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Studies;

/// <summary>The terms of a method's loss on validation, in results and report.</summary>
public sealed class LossTermsTests
{
    // the terms of kd from the predictions that the run stored: T² · the cross-entropy at T = 4, and that of labels
    [Fact]
    public void They_are_those_of_the_stored_predictions_for_student_and_control()
    {
        var run = Run(TestRuns.Recipe(seeds: 2));
        var terms = Results(run)["lossTerms"]!;
        foreach (var who in (string[])["student", "control"])
        {
            var expected = Enumerable.Range(1, 2).Select(seed => Terms(run, $"{who}-seed{seed}")).ToList();
            Assert.Equal(expected[0].Keys.Order(), terms[who]!.AsObject().Select(term => term.Key).Order());
            foreach (var name in expected[0].Keys)
                Assert.Equal(expected.Average(one => one[name]), (double)terms[who]![name]!["mean"]!, 1e-5);
        }
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(Results(run)));
        var page = File.ReadAllText(Path.Combine(run, "report.md"));
        Assert.Contains("## Loss terms on validation data", page, StringComparison.Ordinal);
        Assert.Contains("| Term | Student | Control |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_procedures_are_those_of_its_last_network()
    {
        var recipe = TestRuns.Recipe() with { Teacher = null, Method = new SelfDistillationOptions() };
        var terms = Results(Run(recipe))["lossTerms"]!;
        foreach (var who in (string[])["student", "control"])
            Assert.Equal(["labels", "soft"], terms[who]!.AsObject().Select(term => term.Key));
    }

    [Fact]
    public void A_method_that_compares_with_its_moving_average_is_left_out()
    {
        var recipe = TestRuns.Recipe() with { Teacher = null, Method = new BetaSmoothingOptions() };
        var run = Run(recipe);
        const string sentence =
            "The method needs the outputs of a moving average of the student, which exists in training alone.";
        Assert.Equal(sentence, (string)Results(run)["lossTerms"]!["leftOut"]!);
        Assert.Contains(sentence, File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cached_teachers_logits_are_the_stored_ones()
    {
        var recipe = TestRuns.Recipe(threads: 1);
        var cached = recipe with
        {
            Teacher = new Retort.Teachers.CachedTeacherOptions { Teacher = recipe.Teacher! },
        };
        var (with, without) = (Results(Run(cached))["lossTerms"]!, Results(Run(recipe))["lossTerms"]!);
        Assert.Equal(without["student"]!.AsObject().Count, with["student"]!.AsObject().Count);
    }

    [Fact] // a folder that an earlier version wrote has no terms
    public void A_folder_without_them_has_a_report_without_them()
    {
        var run = Run(TestRuns.Recipe());
        File.Delete(Path.Combine(run, "networks", "student-seed1", "terms.json"));
        Reports.Write(run);
        Assert.Null(Results(run)["lossTerms"]);
        Assert.DoesNotContain(
            "Loss terms", File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);
    }

    static string Run(Recipe recipe) => Experiment.Run(recipe, new() { Folder = TestRuns.Folder() });

    static JsonObject Results(string run) => TestRuns.Json(Path.Combine(run, "results.json"));

    static Dictionary<string, float> Terms(string run, string part)
    {
        using var scope = NewDisposeScope();
        using var method = new SoftTargetsOptions().Build(Contract.Few.MethodContext);
        var (teacher, own) = (Read("teacher"), Read(part));
        var batch = new Batch
        {
            Inputs = new(("pixel_values", zeros(own.Count, 1))),
            Labels = tensor(own.Labels),
            Labelled = own.Count,
            Ids = [.. own.Ids.Select(id => (int)id)],
        };
        var terms = method.Compute(batch, new() { Logits = LogitsOf(teacher) }, new() { Logits = LogitsOf(own) });
        return terms.Parts.ToDictionary(term => term.Name, term => term.Value.ToSingle());

        Predictions Read(string network) => PredictionsFile.Read(
            Path.Combine(run, "networks", network, PredictionsFile.Name), "validation");

        static Tensor LogitsOf(Predictions found) => tensor(found.Values).reshape(found.Count, found.Width);
    }
}
