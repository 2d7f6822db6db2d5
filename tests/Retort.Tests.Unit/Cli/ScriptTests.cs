using System.Diagnostics;
using Retort.Tests.House;

namespace Retort.Tests.Cli;

/// <summary>
/// <c>./test</c> and <c>.ci/run</c> over programs made up here: what they print last, and their exit code.
/// </summary>
public sealed class ScriptTests : IDisposable
{
    const string Five = "   Retort.Tests  Total: 5, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 1s";
    const string Failing = "   Retort.Tests  Total: 5, Errors: 1, Failed: 2, Skipped: 0, Not Run: 0, Time: 1s";
    const string Skipping = "   Retort.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 2, Not Run: 0, Time: 1s";
    const string None = "   Retort.Tests  Total: 0";

    readonly string _folder = Directory.CreateTempSubdirectory("retort-script-").FullName;

    public ScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "./test is for systems with sh.");
        File.Copy(Repository.At("test"), At("test"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Five, 0, Skipping, 0, "6 passed, 0 failed, 2 skipped", 0)]
    [InlineData(Failing, 1, Five, 0, "8 passed, 3 failed", 1)]
    [InlineData(Failing, 0, Five, 0, "8 passed, 3 failed", 1)]
    [InlineData(None, 0, Five, 0, "5 passed, 0 failed", 0)]
    [InlineData(None, 0, None, 0, "0 passed, 0 failed", 0)]
    [InlineData("Retort.Tests.A", 0, "Retort.Tests.B", 0, "0 passed, 0 failed", 0)]                 // -list classes
    [InlineData(Five, 0, "Segmentation fault", 139, "5 passed, 1 failed", 139)]
    [InlineData("Segmentation fault", 139, Failing, 1, "3 passed, 4 failed", 139)]
    [InlineData(Five, 134, Five, 0, "10 passed, 1 failed", 134)]
    public void The_last_line_counts_both_processes_also_where_one_dies(
        string unit, int unitCode, string engine, int engineCode, string last, int expected)
    {
        Runner("Unit", unit, unitCode);
        Runner("Engine", engine, engineCode);
        var (code, lines) = Run("test", "-class", "A*");

        Assert.Equal((last, expected), (lines[^1], code));
        foreach (var name in (string[])["Unit", "Engine"])
            Assert.Equal($"{name} -noColor -reporter verbose -class A*\n", File.ReadAllText(At(name + ".arguments")));
    }

    [Fact]
    public void A_process_that_dies_is_named_with_the_test_that_was_running()
    {
        Runner("Unit", Five, 0);
        const string Second = "A.Second(x: \"y\")";
        Runner("Engine", $"    A.First [STARTING]\n    A.First [FINISHED] Time: 0.1s\n    {Second} [STARTING]", 139);
        Assert.Equal($"Engine ended with code 139 before it could count; the last test to begin was {Second}.",
            Run("test").Lines[^2]);
    }

    [Fact]
    public void The_slow_tests_are_one_process()
    {
        Runner("Slow", Five, 0);
        Assert.Equal("5 passed, 0 failed", Run("test", "slow", "-class", "A*").Lines[^1]);
        Assert.Equal("Slow -noColor -reporter verbose -class A*\n", File.ReadAllText(At("Slow.arguments")));
        Assert.Equal(["Slow.arguments"], Directory.GetFiles(_folder, "*.arguments").Select(Path.GetFileName));
    }

    [Fact] // Unit takes 0.5 s, 1.5 s, … and Engine 1 s, 2 s, …: the slowest are 15 s, 14.5 s, … 5.5 s
    public void The_twenty_slowest_tests_of_both_are_listed_and_no_other_line_tells_of_their_time()
    {
        Runner("Unit", string.Join('\n', Tests("A", 0.5)) + "\n" + Five, 0);
        Runner("Engine", string.Join('\n', Tests("B", 1)) + "\n" + Five, 0);
        var lines = Run("test").Lines;

        var slowest = lines.SkipWhile(line => line != "The slowest tests, in seconds:").Skip(1).Take(20).ToArray();
        Assert.Equal("15.0 B.Test14(x: \"[a]\")", slowest[0]);
        Assert.Equal("14.5 A.Test14(x: \"[a]\")", slowest[1]);
        Assert.Equal("5.5 A.Test5(x: \"[a]\")", slowest[^1]);
        Assert.Equal("10 passed, 0 failed", lines[^1]);
        Assert.Equal(20, lines.Count(line => line.Contains("(x: ", StringComparison.Ordinal)));

        static IEnumerable<string> Tests(string type, double first)
        {
            for (var i = 0; i < 15; i++)
            {
                yield return $"    {type}.Test{i}(x: \"[a]\") [STARTING]";
                var time = FormattableString.Invariant($"{first + i:0.0}");
                yield return $"    {type}.Test{i}(x: \"[a]\") [FINISHED] Time: {time}s";
            }
        }
    }

    [Fact] // each waits for the other's file: one after the other, the first would wait in vain
    public void Both_processes_run_at_the_same_time()
    {
        Runner("Unit", Five, 0, Meet("Unit", "Engine"));
        Runner("Engine", Five, 0, Meet("Engine", "Unit"));
        Assert.Equal(("10 passed, 0 failed", 0), Run("test") is var (code, lines) ? (lines[^1], code) : default);

        static string Meet(string mine, string other) => $"""
            touch {mine}.here
            for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do [ -e {other}.here ] || sleep 0.5; done
            [ -e {other}.here ] || exit 1
            """;
    }

    [Theory]
    [InlineData("5 passed, 0 failed", 0, "3 passed, 0 failed, 1 skipped", 0, "8 passed, 0 failed, 1 skipped", 0)]
    [InlineData("5 passed, 2 failed, 1 skipped", 1, "3 passed, 0 failed", 0, "8 passed, 2 failed, 1 skipped", 1)]
    [InlineData("5 passed, 0 failed", 0, "0 passed, 1 failed", 139, "5 passed, 1 failed", 139)]
    [InlineData("5 passed, 0 failed", 0, "Killed", 137, "5 passed, 1 failed", 137)]
    public void What_a_change_must_pass_is_both_and_the_last_line_their_sum(
        string quick, int quickCode, string slow, int slowCode, string last, int expected)
    {
        Directory.CreateDirectory(At(".ci"));
        File.Copy(Repository.At(".ci/run"), At(".ci/run"));
        File.Delete(At("test"));
        Program("test", $"""
            [ "$*" = slow ] && echo '{slow}' && exit {slowCode}
            [ $# -eq 0 ] && echo '{quick}' && exit {quickCode}
            """);
        var (code, lines) = Run(".ci/run");
        Assert.Equal((last, expected), (lines[^1], code));
    }

    [Fact]
    public void A_change_that_fails_ends_with_the_tests_that_failed()
    {
        Directory.CreateDirectory(At(".ci"));
        File.Copy(Repository.At(".ci/run"), At(".ci/run"));
        File.Delete(At("test"));
        Program("test", """
            [ "$*" = slow ] && echo '1 passed, 0 failed' && exit 0
            printf '    Name.Of_a_test [FAIL]\n      Expected: 1\n  Finished\n0 passed, 1 failed\n'
            exit 1
            """);
        var (_, lines) = Run(".ci/run");
        var last = lines[Array.IndexOf(lines, "Failed:")..];
        Assert.Equal(
            ["Failed:", "    Name.Of_a_test [FAIL]", "      Expected: 1", "All together:", "1 passed, 1 failed"], last);
    }

    string At(string name) => Path.Combine(_folder, name);

    /// <summary>A program in place of the tests: notes its arguments, acts, prints, and ends with this code.</summary>
    void Runner(string name, string output, int code, string act = "")
    {
        File.WriteAllText(At(name + ".output"), output + "\n");
        Program(name, $"echo \"$*\" >{name}.arguments\n{act}\ncat {name}.output\nexit {code}");
    }

    void Program(string name, string script)
    {
        File.WriteAllText(At(name), $"#!/bin/sh\ncd '{_folder}'\n{script}\n");
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    (int Code, string[] Lines) Run(string script, params string[] arguments)
    {
        Program("runner", "exec ./\"$1\" \"$@\"");
        var start = new ProcessStartInfo("/bin/sh", [At(script), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["RETORT_TEST_RUNNER"] = At("runner");
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
        process.WaitForExit();
        return (process.ExitCode, lines);
    }
}
