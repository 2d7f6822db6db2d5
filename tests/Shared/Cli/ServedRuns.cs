using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Studies;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Tests.Samples;
using Retort.Tests.Studies;

namespace Retort.Tests.Cli;

/// <summary>A folder of runs and <c>retort ui</c> over it.</summary>
static class ServedRuns
{
    /// <summary>
    /// Three finished runs, one of them in a subfolder, one that is not finished, and one whose results are not JSON.
    /// </summary>
    public static string Shelf()
    {
        var folder = Few.Folder();
        foreach (var (name, skill) in new[] { ("b", 2.0), ("a", 3.0), ("deep/c", 2.5) })
            Reports.Write(new SampleRun { Name = $"recipe {name[^1]}", StudentSkill = skill }.Write(Path.Combine(folder, name)));
        new SampleRun { Name = "open" }.Write(Path.Combine(folder, "open"));
        File.WriteAllText(Path.Combine(Sample(folder, "broken"), "results.json"), "{");
        Edit(Path.Combine(folder, "a", "run.json"), run => run["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = 2 });
        Edit(Path.Combine(folder, "b", "run.json"), run => run["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = 8 });
        return folder;

        static string Sample(string folder, string name) => new SampleRun { Name = name }.Write(Path.Combine(folder, name));
        static void Edit(string path, Action<JsonNode> change)
        {
            var tree = JsonNode.Parse(File.ReadAllText(path))!;
            change(tree);
            File.WriteAllText(path, tree.ToJsonString());
        }
    }

    /// <summary>The program with that page; the caller ends it.</summary>
    public static (Started Program, Uri Address) Serving(string folder)
    {
        var program = new Started(TestRuns.Program, "ui", folder, "--port", "0");
        return (program, new("http" + program.After("http").Split(' ')[0]));
    }
}
