using Retort.Report;
using Retort.Runs;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Tests.House;

namespace Retort.Tests.Docs;

/// <summary>What the pages show compiles and runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_lines_of_the_first_page_distil_a_student()
    {
        var folder = Path.Combine(Contract.Few.Folder(), "first");
        Experiment.Run(
            Shown with { Data = new ToyOptions { Examples = 64 }, Training = new() { Epochs = 1 } },
            new() { Folder = folder });
        Assert.True(File.Exists(Path.Combine(folder, "networks", "student-seed1", "model.safetensors")));
        // one pair decides nothing
        Assert.Contains("undecided", File.ReadAllText(Path.Combine(folder, "results.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_page_shows_the_lines_that_are_tested()
    {
        var lines = File.ReadLines(Repository.At("tests/Retort.Tests.Engine/Docs/ReadmeTests.cs"))
            .SkipWhile(line => !line.StartsWith("    static Recipe Shown", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line != "    };").Select(line => line.Trim()).ToList();
        Assert.Equal(5, lines.Count);
        var page = File.ReadAllText(Repository.At("README.md"));
        Assert.All(lines, line => Assert.Contains(line, page, StringComparison.Ordinal));
    }

    static Recipe Shown => new()
    {
        Data = new IdxOptions { Path = "data/fashion-mnist-12k", LabelledExamples = 1000 },
        Teacher = new TrainedTeacherOptions { Network = new LeNetOptions() },
        Student = new ConvNetOptions { Widths = [4, 8], Downsampling = Downsampling.Stride },
        Method = new SoftTargetsOptions { Temperature = 4 },
        Seeds = 1,
    };
}
