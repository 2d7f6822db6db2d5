using System.Diagnostics;
using Retort.Data;
using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Tests.Recipes;
using Retort.Tests.Contract;

namespace Retort.Tests.Cli;

/// <summary>Options of the assembly of these tests, which the command knows by <c>--with</c> alone.</summary>
public sealed record BandsOptions : DataOptions
{
    public override Dataset Open() => new ToyOptions { Examples = 32 }.Open();
}

/// <summary>Names them.</summary>
public sealed class BandsExtension : IExtension
{
    public void Register() => Registry.Add<BandsOptions>("bands");
}

/// <summary>The option <c>--with</c>.</summary>
public sealed class ExtensionTests
{
    const string Recipe = """
        {
          "data": { "name": "bands" }, "student": { "name": "mlp", "hidden": [4] }, "method": { "name": "labels" },
          "training": { "epochs": 1, "batchSize": 16 }, "seeds": 2, "threads": 1
        }
        """;

    [Fact]
    public void Every_verb_and_child_processes_know_the_names_of_the_assembly()
    {
        var (recipe, run) = (Path.Combine(Few.Folder(), "bands.json"), TestRuns.Folder());
        File.WriteAllText(recipe, Recipe);
        string[] with = ["--with", typeof(ExtensionTests).Assembly.Location];
        Assert.Equal((0, ""), Call(["run", recipe, "--out", run, "--jobs", "2", "--quiet", .. with]));
        Assert.Equal(0, Call(["report", run, "--check", .. with]).Code);
        Assert.Equal(0, Call(["export", run, .. with]).Code);

        var (code, error) = Call(["report", run, "--check"]);
        Assert.Equal(1, code);
        Assert.Contains("data.name \"bands\" is not known; ", error, StringComparison.Ordinal);
        Assert.Contains(
            " Names of your own come with the option --with and the assembly that has them.",
            error, StringComparison.Ordinal);
    }

    [Fact] // a byte behind the end of an assembly changes nothing but its hash
    public void A_run_is_continued_with_the_same_assembly_only()
    {
        var (folder, run) = (Few.Folder(), TestRuns.Folder());
        var (recipe, mine) = (Path.Combine(folder, "bands.json"), Path.Combine(folder, "Mine.dll"));
        File.WriteAllText(recipe, Recipe);
        var own = typeof(ExtensionTests).Assembly.Location;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(own)!, "*.dll"))
            if (file != own) File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        File.Copy(Path.ChangeExtension(own, ".deps.json"), Path.ChangeExtension(mine, ".deps.json"));
        var bytes = File.ReadAllBytes(own);
        File.WriteAllBytes(mine, bytes);
        string[] words = ["run", recipe, "--out", run, "--jobs", "1", "--quiet", "--with", mine];
        Assert.Equal((0, ""), Call(words));
        File.Delete(Path.Combine(run, "results.json"));                     // as if it had been stopped at its end

        File.WriteAllBytes(mine, [.. bytes, 0]);
        var (before, now) = (FileHash.Sha256(bytes), FileHash.Sha256([.. bytes, 0]));
        var (code, error) = Call([.. words, "--resume"]);
        Assert.Equal(1, code);
        Assert.Contains(
            $"holds an unfinished run of other code in Mine.dll: its SHA-256 is {before} there and {now} here. Begin a "
            + "new run: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));

        File.WriteAllBytes(mine, bytes);
        Assert.Equal((0, ""), Call([.. words, "--resume"]));
    }

    [Theory]
    [InlineData("Retort.dll", "must have one public class that implements Retort.Recipes.IExtension and has a "
        + "constructor without parameters; it has none.")]
    [InlineData("notes.txt", "notes.txt must be an assembly of .NET; it is not.")]
    [InlineData("gone.dll", "gone.dll: there is no such file")]
    public void What_is_no_extension_is_said(string name, string sentence)
    {
        var folder = Few.Folder();
        if (name == "notes.txt") File.WriteAllText(Path.Combine(folder, name), "notes");
        var path = name == "Retort.dll" ? typeof(ToyOptions).Assembly.Location : Path.Combine(folder, name);
        var (code, error) = Call(["methods", "--with", path]);
        Assert.Equal(1, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    static (int Code, string Error) Call(string[] words)
    {
        var start = new ProcessStartInfo(TestRuns.Program, words)
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        return (process.ExitCode, error);
    }
}
