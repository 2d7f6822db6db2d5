using Retort.Tests.Contract;
using Retort.Tests.House;
using Retort.Tests.Recipes;
using Retort.Tests.Samples;

namespace Retort.Tests.Cli;

/// <summary>The program with closed and full outputs, by a link, and after signals.</summary>
public sealed class StreamTests
{
    const string Recipe = """
        { "data": { "name": "toy" },
          "student": { "name": "mlp", "hidden": [4] }, "method": { "name": "label-smoothing" },
          "training": { "epochs": 1 }, "seeds": 1, "threads": 1 }
        """;

    readonly string _folder = Few.Folder();

    public StreamTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "It needs sh.");

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData(">&- 2>&- <&-")]
    [InlineData(">/dev/null")]
    public void A_run_ends_well_whatever_its_outputs_are(string outputs)
    {
        File.WriteAllText(Path.Combine(_folder, "r.json"), Recipe);
        var (code, _) = Shell($"'{TestRuns.Program}' run r.json --out o --jobs 1 {outputs}");
        Assert.Equal(0, code);
        Assert.True(File.Exists(Path.Combine(_folder, "o", "results.json")));
        Assert.Empty(File.ReadAllText(Path.Combine(_folder, "o", "lock")));
    }

    [Fact] // what was asked for cannot be written: that is a failure, in one sentence
    public void A_full_disk_behind_the_output_is_said()
    {
        var (code, said) = Shell($"'{TestRuns.Program}' schema >/dev/full");
        Assert.Equal(1, code);
        Assert.Contains("No space left on device", said, StringComparison.Ordinal);
        Assert.Single(said.Trim().Split('\n'));
    }

    [Fact]
    public void The_starter_can_be_called_by_a_link()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "bin"));
        File.CreateSymbolicLink(Path.Combine(_folder, "first"), Repository.At("retort"));
        File.CreateSymbolicLink(Path.Combine(_folder, "bin", "retort"), "../first");
        var starter = File.ReadAllText(Repository.At("retort"));
        var until = starter.IndexOf("program=", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "where"), starter[..until] + "echo \"$here\"\n");
        File.Delete(Path.Combine(_folder, "first"));
        File.CreateSymbolicLink(Path.Combine(_folder, "first"), Path.Combine(_folder, "where"));
        Assert.Equal((0, _folder), Trimmed(Shell("sh bin/retort")));
    }

    [Fact] // reading the pipe of a process that says nothing never ends by itself
    public void SIGTERM_ends_what_would_wait_for_ever()
    {
        using var program = new Started(TestRuns.Program, "ui", _folder, "--port", "0");
        program.After("http");
        using var kill = new Started("kill", "-TERM", $"{program.Id}");
        Assert.Equal(0, kill.End().Code);
        Assert.Equal(0, program.End().Code);
    }

    (int Code, string Said) Shell(string line)
    {
        using var shell = new Started("sh", "-c", $"cd '{_folder}' && {line}");
        return shell.End();
    }

    static (int Code, string Said) Trimmed((int Code, string Said) ended) => (ended.Code, ended.Said.Trim());
}
