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
    public static string Folder()
    {
        var folder = Few.Folder();
        foreach (var (name, skill) in new[] { ("b", 2.0), ("a", 3.0), ("deep/c", 2.5) })
        {
            var run = new SampleRun { Name = $"recipe {name[^1]}", StudentSkill = skill };
            Reports.Write(run.Write(Path.Combine(folder, name)));
        }
        new SampleRun { Name = "open" }.Write(Path.Combine(folder, "open"));
        var broken = new SampleRun { Name = "broken" }.Write(Path.Combine(folder, "broken"));
        File.WriteAllText(Path.Combine(broken, "results.json"), "{");
        SetTemperature(Path.Combine(folder, "a", "run.json"), 2);
        SetTemperature(Path.Combine(folder, "b", "run.json"), 8);
        return folder;
    }

    /// <summary>The program with that page; the caller ends it.</summary>
    public static (Started Program, Uri Address) Serve(string folder)
    {
        var program = new Started(TestRuns.Program, "ui", folder, "--port", "0");
        return (program, new("http" + program.After("http").Split(' ')[0]));
    }

    static void SetTemperature(string path, int temperature)
    {
        var tree = JsonNode.Parse(File.ReadAllText(path))!;
        tree["recipe"]!["method"] = new JsonObject { ["name"] = "kd", ["temperature"] = temperature };
        File.WriteAllText(path, tree.ToJsonString());
    }
}
