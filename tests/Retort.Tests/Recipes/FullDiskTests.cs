using System.Diagnostics;
using Retort.Recipes;
using Retort.Tests.Cli;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

/// <summary>A whole run on a disk that is too small.</summary>
public sealed class FullDiskTests
{
    [Theory] // an empty run has 3 kB and its teacher's checkpoint over 200 kB: the first is refused at once, the second later
    [InlineData(0)]
    [InlineData(40)]
    public async Task A_run_ends_with_one_sentence_and_goes_on_when_there_is_room(int pagesLeft)
    {
        var (disk, whole, file) = (Few.Folder(), Runs.Folder(), Runs.File(Runs.Recipe() with { Threads = 1 }));
        Assert.SkipUnless(OperatingSystem.IsLinux() && Done("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk), "A 1 MB tmpfs cannot be mounted here: it takes Linux and root.");
        try
        {
            var (filling, run) = (Path.Combine(disk, "filling"), Path.Combine(disk, "run"));
            await File.WriteAllBytesAsync(filling, new byte[(256 - pagesLeft) * 4096], TestContext.Current.CancellationToken);
            var (code, output, error) = await ToolTests.Call("run", file, "--out", run, "--jobs", "1", "--quiet");
            Assert.Equal((1, ""), (code, output));
            Assert.Matches($"^{run}/[^ ]+ cannot be written: the disk is full\\.\n$", error);
            Assert.Empty(Directory.EnumerateFiles(disk, "*.draft", SearchOption.AllDirectories));
            Assert.False(File.Exists(Path.Combine(run, "results.json")));

            File.Delete(filling);
            Assert.True(Done("mount", "-o", "remount,size=8m", disk));
            Assert.Equal((0, ""), (await ToolTests.Call("run", file, "--out", run, "--jobs", "1", "--quiet", "--resume")) is var again ? (again.Code, again.Error) : default);
            Experiment.Run(Recipe.Read(file), new() { Folder = whole });
            Runs.AssertAlike(whole, run);
        }
        finally
        {
            Assert.True(Done("umount", disk));
        }
    }

    static bool Done(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception) { return false; }      // no such program
    }
}
