using System.Runtime.CompilerServices;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;

namespace Retort.Tests.Docs;

/// <summary>What the pages show compiles and runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_lines_of_the_first_page_distil_a_student()
    {
        var folder = Path.Combine(Contract.Few.Folder(), "first");
        Experiment.Run(Distil(new ToyOptions { Examples = 64 }) with { Training = new() { Epochs = 1 } }, new() { Folder = folder });
        Assert.True(File.Exists(Path.Combine(folder, "networks", "student-seed1", "model.safetensors")));
        Assert.Contains("undecided", File.ReadAllText(Path.Combine(folder, "results.json")), StringComparison.Ordinal);   // one pair decides nothing
    }

    [Fact]
    public void The_first_page_shows_the_lines_that_are_tested()
    {
        var lines = File.ReadLines(Here()).SkipWhile(line => !line.Contains("static Recipe Distil", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line != "    };").Select(line => line.Trim());
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../README.md"));
        Assert.All(lines.Where(line => line.Length > 1), line => Assert.Contains(line, page, StringComparison.Ordinal));
    }

    static Recipe Distil(DataOptions data) => new()
    {
        Data = data,
        Teacher = new TrainedTeacherOptions { Network = new LeNetOptions() },
        Student = new ConvNetOptions { Widths = [4, 8], Halving = Halving.Stride },
        Method = new SoftTargetsOptions { Temperature = 4 },
        Seeds = 1,
    };

    static string Here([CallerFilePath] string file = "") => file;
}
