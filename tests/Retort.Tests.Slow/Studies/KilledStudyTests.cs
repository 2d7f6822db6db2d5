using System.Diagnostics;
using Retort.Studies;
using Retort.Studies.Fidelity;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;

namespace Retort.Tests.Studies;

/// <summary>A study whose processes are killed, again and again.</summary>
public sealed class KilledStudyTests
{
    [Fact]
    public void Killed_and_gone_on_with_it_ends_with_the_same_rows()
    {
        var (file, whole, broken) = (Path.Combine(Few.Folder(), "tiny.json"), TestRuns.Folder(), TestRuns.Folder());
        File.WriteAllText(file, TinyStudy.Text.Replace("\"steps\": 30", "\"steps\": 400", StringComparison.Ordinal));
        FidelityStudy.Run(FidelityRecipe.Read(file), new() { Folder = whole });
        var kills = 0;
        for (var networks = 2; networks < 14; networks += 5)
        {
            using var study = Started(file, broken, jobs: 2);
            while (!study.HasExited && Done(broken) < networks) Thread.Sleep(2);
            if (study.HasExited) break;
            study.Kill(entireProcessTree: true);
            study.WaitForExit();
            kills++;
        }
        Assert.True(kills >= 2, $"{kills} kills");
        using var last = Started(file, broken, jobs: 1);
        var said = last.StandardError.ReadToEnd();
        last.WaitForExit();
        Assert.True(last.ExitCode == 0, said);
        foreach (var name in (string[])["rows.jsonl", "plane.json", "report.md"])
            Assert.Equal(File.ReadAllText(Path.Combine(whole, name)), File.ReadAllText(Path.Combine(broken, name)));

        static int Done(string folder) => Directory.Exists(Path.Combine(folder, "networks"))
            ? Directory.GetDirectories(Path.Combine(folder, "networks"))
                .Count(network => File.Exists(Path.Combine(network, "config.json")))
            : 0;

        static Process Started(string file, string folder, int jobs)
        {
            var study = Process.Start(TestRuns.Start(
                "study", "fidelity", file, "--out", folder, "--resume", "--quiet", "--jobs",
                FormattableString.Invariant($"{jobs}")))!;
            study.OutputDataReceived += (_, _) => { };
            study.BeginOutputReadLine();
            return study;
        }
    }
}
