using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

/// <summary>Which trials a search has, before anything is trained.</summary>
public sealed class SearchPlanTests
{
    [Fact] // 2 x 3 combinations, the last option turning fastest; by ratio 0.01, 0.1, 1
    public void A_grid_tries_every_combination_and_the_control_those_of_its_training()
    {
        var recipe = SearchTests.Recipe(new GridOptions(), SearchTests.Temperature, SearchTests.Rate);
        var plan = new SearchPlan(recipe);
        Assert.Equal(["1 0.01", "1 0.1", "1 1", "4 0.01", "4 0.1", "4 1"], plan.Student.Select(Written));
        Assert.Equal(["0.01", "0.1", "1"], plan.Control.Select(Written));
        Assert.Equal([4], plan.Rungs);
        Assert.Empty(
            new SearchPlan(SearchTests.Recipe(new GridOptions(), SearchTests.Temperature, SearchTests.Weight)).Control);
        Assert.Equal((4.0, 1.0), (
            ((Retort.Methods.SoftTargetsOptions)plan.Applied(plan.Student[5]).Method).Temperature,
            plan.Applied(plan.Student[5]).Training.LearningRate));
    }

    [Fact]
    public void Draws_are_of_the_seed_lie_in_their_ranges_and_do_not_change_when_there_are_more()
    {
        var (few, many) = (Drawn(8), Drawn(20));
        Assert.Equal(few, many[..8]);
        Assert.Equal(20, many.Distinct().Count());
        Assert.NotEqual(few, new SearchPlan(Seeded(8, 2)).Student.Select(Written).ToList());
        foreach (var trial in new SearchPlan(Seeded(200, 1)).Student)
            Assert.InRange((double)trial.Settings[0].Value, 0.01, 1);
        // by ratio as many below 0.1 as above: 200 draws, deviation 7
        Assert.InRange(
            new SearchPlan(Seeded(200, 1)).Student.Count(trial => (double)trial.Settings[0].Value < 0.1), 72, 128);

        static List<string> Drawn(int trials) => [.. new SearchPlan(Seeded(trials, 1)).Student.Select(Written)];
        static Recipe Seeded(int trials, int seed)
        {
            var recipe = SearchTests.Recipe(
                new RandomOptions { Trials = trials }, SearchTests.Rate, SearchTests.Weight);
            return recipe with { Search = recipe.Search! with { Seed = seed } };
        }
    }

    [Fact] // whole numbers from 1 to 4: there are no more than four
    public void What_was_drawn_before_is_not_tried_again()
    {
        var hidden = new RangeOptions { Option = "student.hidden.0", From = 1, To = 4, Whole = true };
        var plan = new SearchPlan(SearchTests.Recipe(new RandomOptions { Trials = 50 }, hidden));
        Assert.Equal(["1", "2", "3", "4"], plan.Student.Select(Written).Order());
        Assert.Empty(plan.Control);
    }

    [Fact] // 9 trials, one in three goes on: 1, 3, then all 4 epochs; 9, 3, 1 trials
    public void Halving_gives_up_all_but_the_best_after_each_rung()
    {
        var plan = new SearchPlan(
            SearchTests.Recipe(new HalvingOptions { Trials = 9, Factor = 3 }, SearchTests.Rate, SearchTests.Weight));
        Assert.Equal([1, 3, 4], plan.Rungs);
        Assert.Equal((3, 1), (plan.Surviving(9), plan.Surviving(3)));
        Assert.Equal(9 * 1 + 3 * 2 + 1 * 1, plan.Passes);
    }

    [Theory]
    [InlineData("""{ "over": [] }""", "search.over must have at least one option; it is empty.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "data.maxExamples", "values": [1] }] }""",
        "search.over.0.option must be in method, student, training, teacher or data.augmentation, as in "
        + "method.temperature; it is data.maxExamples.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "method.name", "values": ["kd"] }] }""",
        "search.over.0.option must not be a name alone, since the other options go with it; it is method.name.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "data.augmentation", "values": [[{ "name": "turn" }]] }] }""",
        "search: data.augmentation=")]
    [InlineData(
        """
        {
          "over": [{ "name": "choice", "option": "method", "values": [{ "name": "sdls" }] }],
          "strategy": { "name": "halving" }
        }
        """,
        "search: halving compares trainings that are not finished, and the method sdls trains several networks one "
        + "after another")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "training.epochs", "values": [1] }] }""",
        "search.over.0.option must not be training.epochs: every trial has the same budget.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "training", "values": [{ "epochs": 9 }] }] }""",
        "search.over.0.option must not be training: every trial has the same budget.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "teacher", "values": [{ "name": "onnx", "path": "t.onnx" }] }] }""",
        "search: teacher can be searched over where the recipe trains the teacher and does not cache it; \"onnx\" "
        + "came.")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "method.temprature", "values": [1] }] }""",
        "search: method.temprature=1: method.temprature is not known here; did you mean \"temperature\"?")]
    [InlineData(
        """{ "over": [{ "name": "choice", "option": "method.temperature", "values": [1, -1] }] }""",
        "search: method.temperature=-1: method.temperature must be greater than 0; it is -1.")]
    [InlineData(
        """{ "over": [{ "name": "range", "option": "method.temperature", "from": 2, "to": 1 }] }""",
        "search.over.0.to must be at least from, which is 2; it is 1.")]
    [InlineData(
        """{ "over": [{ "name": "range", "option": "method.temperature", "from": 0, "to": 1, "scale": "log" }] }""",
        "search.over.0.from must be greater than 0 where scale is \"log\"; it is 0.")]
    public void A_search_that_cannot_be_is_refused_before_anything_is_trained(string search, string sentence)
    {
        var tree = JsonNode.Parse(TestRuns.Recipe().ToJson())!;
        tree["search"] = JsonNode.Parse(search);
        var path = Path.Combine(Few.Folder(), "small.json");
        File.WriteAllText(path, tree.ToJsonString());
        var folder = TestRuns.Folder();
        var error = Assert.Throws<InvalidDataException>(
            () => Experiment.Run(Retort.Recipes.Recipe.Read(path), new() { Folder = folder }));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    static string Written(Trial trial) => string.Join(' ', trial.Settings.Select(one => one.Value.ToJsonString()));
}
