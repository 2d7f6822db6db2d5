using System.Globalization;
using System.Text.Json;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Tests.Cli;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

/// <summary>Tables with values or labels from recipe to report, exported student and prediction.</summary>
public sealed class TableTaskTests
{
    readonly string _folder = Few.Folder();

    [Fact] // a = x + y and b = x - y, two values of one student
    public async Task Values_are_learned_reported_and_predicted()
    {
        var (run, student) = (Path.Combine(_folder, "run"), Path.Combine(_folder, "student"));
        var data = new CsvOptions { Path = Table("a,b", (x, y) => $"{x + y},{x - y}"), ValueColumns = ["a", "b"] };
        Experiment.Run(Recipe(data, teacher: false), new() { Folder = run, Jobs = 1 });
        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        Assert.Equal("pearson", (string)results["task"]!["primary"]!);
        var targets = results["details"]!["targets"]!.AsArray();
        Assert.Equal(["a", "b"], targets.Select(target => (string)target!["name"]!));
        var mean = targets.Average(target => (double)target!["student"]!["pearson"]!);
        Assert.InRange(mean, 0.95, 1);
        Assert.Equal((double)results["student"]!["scores"]!["pearson"]!["mean"]!, mean, 1e-12);
        Assert.Contains("| b | 40 |", File.ReadAllText(Path.Combine(run, "report.md")), StringComparison.Ordinal);

        Assert.Equal(0, (await ToolTests.Call("export", run, "--out", student)).Code);
        var file = Path.Combine(_folder, "new.csv");
        File.WriteAllText(file, "b,x,y,a\n,0.5,0.25,\n");
        var (code, output, error) = await ToolTests.Call("predict", student, file, "--label", "a", "--label", "b");
        Assert.Equal((0, ""), (code, error));
        var cells = output.TrimEnd().Split('\t');
        Assert.Equal(["a", "b"], [cells[1], cells[3]]);
        Assert.Equal(0.75, double.Parse(cells[2], CultureInfo.InvariantCulture), 0.2);

        var swapped = Path.Combine(_folder, "swapped.csv");
        File.WriteAllText(swapped, "y,z,x\n0.25,7,0.5\n");
        var again = await ToolTests.Call("predict", student, swapped);
        Assert.Equal($"{swapped}: the student has no column \"z\"; it is left out.\n", again.Error);
        Assert.Equal(cells[1..], again.Output.TrimEnd().Split('\t')[1..]);
    }

    [Fact]
    public async Task Labels_are_scored_one_by_one_and_those_that_are_likely_are_predicted()
    {
        var (run, student) = (Path.Combine(_folder, "run"), Path.Combine(_folder, "student"));
        var table = Table("right,up", (x, y) => $"{(x > 0 ? 1 : 0)},{(y > 0 ? "1" : "0")}");
        var data = new CsvOptions { Path = table, LabelColumns = ["right", "up"] };
        Experiment.Run(Recipe(data, teacher: true), new() { Folder = run, Jobs = 1 });
        var right = TestRuns.Json(Path.Combine(run, "results.json"))["details"]!["targets"]![0]!;
        Assert.InRange((int)right["positive"]!, 5, 35);
        Assert.All((string[])["teacher", "control", "student"],
            role => Assert.InRange((double)right[role]!["macro_auprc"]!, 0.9, 1));

        Assert.Equal(0, (await ToolTests.Call("export", run, "--out", student)).Code);
        var file = Path.Combine(_folder, "new.csv");
        File.WriteAllText(file, "0.9,-0.9\n-0.9,-0.9\n0.9,0.9\n");
        var (code, output, error) = await ToolTests.Call("predict", student, file, "--json");
        Assert.Equal((0, ""), (code, error));
        var classes = JsonDocument.Parse(output).RootElement.GetProperty("predictions").EnumerateArray()
            .Select(one => string.Join(' ', one.GetProperty("classes").EnumerateArray()
                .Select(label => label.GetProperty("class").GetString()).Order()));
        Assert.Equal(["right", "", "right up"], classes);
    }

    static Recipe Recipe(DataOptions data, bool teacher) => new()
    {
        Name = "table",
        Data = data,
        Teacher = teacher ? new TrainedTeacherOptions
        {
            Network = new MlpOptions { Hidden = [8] }, Training = new() { Epochs = 20, BatchSize = 16 },
        } : null,
        Student = new MlpOptions { Hidden = [8] },
        Method = new LabelsOnlyOptions(),
        Training = new() { Epochs = 20, BatchSize = 16 },
        Threads = 1,
    };

    string Table(string names, Func<double, double, string> targets)
    {
        var random = new RandomStream(3, StreamKey.Data);
        List<string> lines = [$"x,y,{names}"];
        for (var i = 0; i < 200; i++)
        {
            var (x, y) = (2 * random.Uniform() - 1, 2 * random.Uniform() - 1);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{x},{y},{targets(x, y)}"));
        }
        var path = Path.Combine(_folder, "table.csv");
        File.WriteAllLines(path, lines);
        return path;
    }
}
