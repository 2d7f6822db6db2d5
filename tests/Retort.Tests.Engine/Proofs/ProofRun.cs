using System.Diagnostics;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Report;
using Retort.Tests.Contract;

namespace Retort.Tests.Proofs;

/// <summary>Runs a proof's recipe whole, and once more in a process that is killed, and then goes on with it.</summary>
static class ProofRun
{
    const string Variable = "RETORT_PROOF";

    /// <summary>From recipe to report, undisturbed; returns the run's folder.</summary>
    public static string Whole(Recipe recipe)
    {
        var folder = Path.Combine(Few.Folder(), "run");
        return Experiment.Run(Read(recipe), new() { Folder = folder, Jobs = 1 });
    }

    /// <summary>
    /// The same, killed as soon as a file of this name lies below the folder, and gone on with. It must end with the
    /// same weights, predictions, metrics and figures.
    /// </summary>
    public static void KilledAndResumed(Recipe recipe, string whole, string killedAt)
    {
        var folder = Path.Combine(Few.Folder(), "run");
        var file = Path.Combine(Path.GetDirectoryName(folder)!, recipe.Name + ".json");
        File.WriteAllText(file, recipe.ToJson());
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-noColor", "-method", "Retort.Tests.Proofs.ProofChild.Runs"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { [Variable] = $"{file}\n{folder}" },
        };
        using (var child = Process.Start(start)!)
        {
            while (!child.HasExited && !Exists(folder, killedAt)) Thread.Sleep(1);
            child.Kill();
            child.WaitForExit();
        }
        Assert.True(Exists(folder, killedAt), $"The child ended before {killedAt} was there.");
        Assert.False(File.Exists(Path.Combine(folder, "results.json")));

        Experiment.Run(Recipe.Read(file), new() { Folder = folder, Jobs = 1, Resume = true });
        Assert.Empty(Fire.Outcome.Difference(Fire.Outcome.OfRun(whole), Fire.Outcome.OfRun(folder)));
        Assert.True(JsonNode.DeepEquals(Figures(whole), Figures(folder)));
        Assert.True(File.Exists(Path.Combine(folder, "report.html")) && File.Exists(Path.Combine(folder, "report.md")));
    }

    /// <summary>What the child does, if this process is one.</summary>
    public static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n') is not [var file, var folder]) return;

        Experiment.Run(Recipe.Read(file), new() { Folder = folder, Jobs = 1 });
    }

    /// <summary>What a run found, without what a clock measured.</summary>
    static JsonObject Figures(string run)
    {
        var found = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "results.json")))!.AsObject();
        foreach (var one in (string[])["teacher", "control", "student"]) (found[one] as JsonObject)?.Remove("latency");
        return found;
    }

    // through a file, so that every option has a name and can be read
    static Recipe Read(Recipe recipe)
    {
        var file = Path.Combine(Few.Folder(), recipe.Name + ".json");
        File.WriteAllText(file, recipe.ToJson());
        return Recipe.Read(file);
    }

    static bool Exists(string folder, string name) => Directory.Exists(folder)
        && Directory.EnumerateFiles(folder, Path.GetFileName(name), SearchOption.AllDirectories)
            .Any(path => path.Replace('\\', '/').EndsWith(name, StringComparison.Ordinal));
}

/// <summary>The process that is killed.</summary>
public sealed class ProofChild
{
    [Fact]
    public void Runs() => ProofRun.RunAsChild();
}
