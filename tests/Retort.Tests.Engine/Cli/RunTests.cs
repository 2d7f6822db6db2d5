using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;

namespace Retort.Tests.Cli;

/// <summary>A whole run by its command line, and what can be done with it afterwards.</summary>
public sealed class RunTests
{
    const string Recipe = """
        {
          "data": { "name": "toy", "examples": 64 },
          "teacher": { "name": "trained", "network": { "name": "mlp", "hidden": [16] },
            "training": { "epochs": 2, "batchSize": 16 } },
          "student": { "name": "mlp", "hidden": [4] },
          "method": { "name": "kd" },
          "training": { "epochs": 2, "batchSize": 16 },
          "seeds": 9
        }
        """;

    [Fact]
    public async Task A_run_prints_verdict_and_table_and_its_networks_can_be_evaluated()
    {
        var (recipe, run) = Written();
        var (code, output, error) = await ToolTests.Call(
            "run", recipe, "--out", run, "--seeds", "3", "--threads", "1", "--jobs", "1", "--set", "training.epochs=3");
        Assert.Equal(0, code);
        var results = Reports.Read(run);
        Assert.Equal([1, 2, 3], results.Seeds);
        Assert.Contains("\n\n" + results.Verdict!.Sentence[..40], output, StringComparison.Ordinal);
        Assert.EndsWith($"\n{Path.Combine(run, "report.html")}\n", output, StringComparison.Ordinal);
        Assert.Contains(output.Split('\n'),
            line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["teacher", "control", "student"]);
        Assert.StartsWith("toy: ", error, StringComparison.Ordinal);
        Assert.Contains("\nto train: 1 teacher, 3 controls, 3 students\n", error, StringComparison.Ordinal);
        Assert.Contains("student-seed3  epoch 3/3  loss ", error, StringComparison.Ordinal);

        var (again, table, _) = await ToolTests.Call("evaluate", run);
        // teacher, 3 controls, 3 students: validation and test
        Assert.Equal((0, 1 + 2 * 7), (again, table.TrimEnd().Split('\n').Length));
        var evaluated = await ToolTests.Call("evaluate", Path.Combine(run, "networks", "student-seed2"), "--json");
        var found = JsonNode.Parse(evaluated.Output)!["networks"]!["student-seed2"]!["test"]!;
        Assert.Equal(results.Student.Scores["accuracy"].Values[1], (double)found["accuracy"]!, 1e-12);
        Assert.Equal(results.Student.Scores["kl"].Values[1], (double)found["kl"]!, 1e-5);

        var written = await File.ReadAllTextAsync(Path.Combine(run, "results.json"));
        File.Delete(Path.Combine(run, "results.json"));
        var report = await ToolTests.Call("report", run, "--json");
        Assert.Equal((0, written, ""), (report.Code, report.Output, report.Error));
    }

    [Fact]
    public async Task Json_is_the_results_and_nothing_else_and_quiet_is_nothing()
    {
        var (recipe, run) = Written();
        var (code, output, error) = await ToolTests.Call(
            "run", recipe, "--out", run, "--seeds", "1", "--json", "--quiet", "--jobs", "1");
        Assert.Equal((0, "", await File.ReadAllTextAsync(Path.Combine(run, "results.json"))), (code, error, output));
        var second = await ToolTests.Call("run", recipe, "--out", run, "--quiet");
        Assert.Equal((1, ""), (second.Code, second.Output));
        Assert.Contains("--out", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_that_did_not_make_the_predictions_beside_them_are_noticed()
    {
        var (recipe, run) = Written();
        await ToolTests.Call("run", recipe, "--out", run, "--seeds", "1", "--quiet", "--jobs", "1");
        var weights = Path.Combine(run, "networks", "student-seed1", "model.safetensors");
        File.Copy(Path.Combine(run, "networks", "control-seed1", "model.safetensors"), weights, overwrite: true);
        foreach (var verb in (string[])["evaluate", "export"])
        {
            var (code, _, error) = await ToolTests.Call(verb, run);
            Assert.Equal(1, code);
            Assert.StartsWith($"{weights} did not make the predictions beside it", error, StringComparison.Ordinal);
        }
        var config = Path.Combine(run, "networks", "student-seed1", "config.json");
        File.Delete(config);
        Assert.Equal(
            $"{config} is missing, and the run is finished.\n", (await ToolTests.Call("evaluate", run)).Error);
    }

    [Fact]
    public async Task A_network_is_not_evaluated_on_data_that_does_not_fit_it()
    {
        var (recipe, run) = Written();
        await ToolTests.Call("run", recipe, "--out", run, "--seeds", "1", "--quiet", "--jobs", "1");
        var (code, _, error) = await ToolTests.Call("evaluate", run, "--set", "data.classes=3");
        Assert.Equal(
            (1, "teacher was trained on data with classes band 0, band 1, band 2, band 3; this data has band 0, band "
                + "1, band 2.\n"),
            (code, error));
        var lone = Path.Combine(Contract.Few.Folder(), "lone");
        Directory.Move(Path.Combine(run, "networks", "teacher"), lone);
        Assert.Equal(
            $"{lone} belongs to no run, so its data is not known: name a recipe with --data.\n",
            (await ToolTests.Call("evaluate", lone)).Error);
        Assert.Equal(0, (await ToolTests.Call("evaluate", lone, "--data", recipe)).Code);
    }

    [Fact]
    public async Task The_command_that_cache_prints_runs_the_recipe_with_that_cache()
    {
        var (recipe, run) = Written();
        var text = await File.ReadAllTextAsync(recipe);
        await File.WriteAllTextAsync(recipe, text
            .Replace("\"teacher\": {", "\"teacher\": { \"name\": \"cached\", \"teacher\": {", StringComparison.Ordinal)
            .Replace("} },\n", "} } },\n", StringComparison.Ordinal));
        var (code, output, error) = await ToolTests.Call(
            "cache", recipe, "--out", run, "--set", "method.temperature=8", "--set", "seeds=1");
        Assert.True(code == 0, error);
        var command = output.Split('`')[1];
        Assert.Equal($"retort run {recipe} --set method.temperature=8 --set seeds=1 --out {run} --resume", command);
        Assert.Equal(0, (await ToolTests.Call([.. command.Split(' ')[1..], "--quiet", "--jobs", "1"])).Code);
        Assert.Equal([1], Reports.Read(run).Seeds);
    }

    static (string Recipe, string Run) Written()
    {
        var folder = Contract.Few.Folder();
        var recipe = Path.Combine(folder, "toy.json");
        File.WriteAllText(recipe, Recipe);
        return (recipe, Path.Combine(folder, "run"));
    }
}
