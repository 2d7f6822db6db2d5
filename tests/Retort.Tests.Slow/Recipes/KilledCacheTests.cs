using System.Diagnostics;
using Retort.Data;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Recipes;

/// <summary>A teacher's cache whose writer is killed.</summary>
public sealed class KilledCacheTests
{
    [Fact]
    public void Killed_while_it_writes_the_program_goes_on_and_two_at_once_share_the_work()
    {
        var teacher = Path.Combine(Few.Folder(), "t.safetensors");
        var network = new MlpOptions { Hidden = [1200, 1200] };
        using (var made = ModuleFactory.Create(() => network.Build(Few.Data.Info)))
            SafeTensors.Write(teacher, made.state_dict());
        var answers = Path.Combine(Few.Folder(), "answers");
        var file = TestRuns.File(TestRuns.Recipe() with
        {
            Data = new ToyOptions { Examples = 4000 },
            Teacher = new CachedTeacherOptions
            {
                Teacher = new CheckpointTeacherOptions { Path = teacher, Network = network },
                Codec = new Float32Options(),
                Path = answers,
            },
        });
        using (var killed = Process.Start(TestRuns.Start("cache", file))!)
        {
            _ = (killed.StandardOutput.ReadToEndAsync(), killed.StandardError.ReadToEndAsync());
            while (!killed.HasExited && Shards(answers) < 2) Thread.Sleep(1);
            Assert.False(killed.HasExited, "It was done before it could be killed.");
            killed.Kill();                                                 // SIGKILL
            killed.WaitForExit();
        }
        Assert.InRange(Shards(answers), 2, 4000 / 512);
        using var one = Process.Start(TestRuns.Start("cache", file, "--shard", "1/2"))!;
        using var two = Process.Start(TestRuns.Start("cache", file, "--shard", "2/2"))!;
        foreach (var writer in (Process[])[one, two])
        {
            _ = writer.StandardOutput.ReadToEndAsync();
            Assert.Contains("answers", writer.StandardError.ReadToEnd(), StringComparison.Ordinal);
            writer.WaitForExit();
            Assert.Equal(0, writer.ExitCode);
        }
        Assert.Equal(4000 / 512 + 1, Shards(answers));
        var whole = RecipeRunner.Cache(Recipe.Read(file), new() { Folder = TestRuns.Folder() }, (1, 1));
        Assert.True(whole.IsWhole);
        Assert.Equal(4000, whole.Manifest.Errors.Single().Examples);
        Assert.Empty(Directory.GetFiles(answers, "*.draft"));

        static int Shards(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.shard").Length : 0;
    }
}
