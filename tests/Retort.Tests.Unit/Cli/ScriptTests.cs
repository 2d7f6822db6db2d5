using System.Diagnostics;
using Retort.Tests.House;

namespace Retort.Tests.Cli;

/// <summary><c>./test</c> over a runner that is made up: what it says last, and with which code.</summary>
public sealed class ScriptTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("retort-script-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Total: 5, Errors: 0, Failed: 0, Skipped: 0, Time: 1s", 0, "5 passed, 0 failed", 0)]
    [InlineData("Total: 5, Errors: 0, Failed: 0, Skipped: 2, Time: 1s", 0, "3 passed, 0 failed, 2 skipped", 0)]
    [InlineData("Total: 5, Errors: 1, Failed: 2, Skipped: 0, Time: 1s", 1, "3 passed, 3 failed", 1)]
    [InlineData("Total: 5, Errors: 0, Failed: 2, Skipped: 0, Time: 1s", 0, "3 passed, 2 failed", 1)]
    [InlineData("Segmentation fault", 139, "0 passed, 1 failed: the test process ended with code 139 before it could count", 139)]
    [InlineData("Total: 5, Errors: 0, Failed: 0, Skipped: 0, Time: 1s", 134, "5 passed, 0 failed: the test process ended with code 134 after it had counted", 134)]
    [InlineData("Total: 0", 0, "0 passed, 0 failed", 0)]
    public void The_last_line_counts_also_where_the_tests_die(string said, int code, string last, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "./test is for systems with sh.");
        Directory.CreateDirectory(Path.Combine(_folder, "artifacts"));
        File.Copy(Repository.At("test"), Path.Combine(_folder, "test"));
        var runner = Path.Combine(_folder, "runner");
        File.WriteAllText(runner, $"#!/bin/sh\necho \"$*\" >'{_folder}/arguments'\necho '   Retort.Tests  {said}'\nexit {code}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(runner, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(_folder, "test"), "-class", "A*"]) { RedirectStandardOutput = true };
        start.Environment["RETORT_TEST_RUNNER"] = runner;
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
        process.WaitForExit();

        Assert.Equal((last, expected), (lines[^1], process.ExitCode));
        Assert.Equal("-noColor -class A*\n", File.ReadAllText(Path.Combine(_folder, "arguments")));
    }
}
