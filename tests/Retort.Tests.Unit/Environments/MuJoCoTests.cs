using System.IO.Compression;
using System.Text.Json.Nodes;
using Retort.Environments.MuJoCo;
using static Retort.Environments.MuJoCo.MuJoCoOptions;

namespace Retort.Tests.Environments;

/// <summary>MuJoCo's tasks against steps that Gymnasium recorded with MuJoCo 2.3.7.</summary>
public sealed class MuJoCoTests
{
    [Theory] // versions differ in the last digits, which grow from step to step
    [InlineData(TaskKind.HalfCheetah, "HalfCheetah-v4", "half_cheetah.xml")]
    [InlineData(TaskKind.Swimmer, "Swimmer-v4", "swimmer.xml")]
    public void The_first_forty_recorded_steps_come_out_again(TaskKind task, string original, string model)
    {
        using var stream = new GZipStream(File.OpenRead(At("trajectories.json.gz")), CompressionMode.Decompress);
        var expected = JsonNode.Parse(stream)!["envs"]![original]!;
        var options = new MuJoCoOptions { Task = task, Model = Found(model) };
        foreach (var episode in expected["episodes"]!.AsArray())
        {
            var environment = options.Build();
            var (position, velocity) = (Numbers(episode!["qpos"]!), Numbers(episode["qvel"]!));
            position.CopyTo(environment.State);
            velocity.CopyTo(environment.State[position.Length..]);
            var observation = new double[environment.Observations.Count];
            foreach (var (t, action) in episode["actions"]!.AsArray().Take(40).Index())
            {
                var outcome = environment.Step(Numbers(action!));
                environment.Observe(observation);
                var shift = episode["obs"]!.AsArray().Count - episode["actions"]!.AsArray().Count;
                Assert.All(Numbers(episode["obs"]![t + shift]!).Zip(observation),
                    pair => Assert.Equal(pair.First, pair.Second, 1e-4));
                Assert.Equal((double)episode["rewards"]![t]!, outcome.Reward, 1e-4);
            }
        }
    }

    [Fact]
    public void A_state_that_is_written_back_goes_on_to_the_same_bits()
    {
        var options = new MuJoCoOptions { Model = Found("half_cheetah.xml") };
        var (whole, broken) = (options.Build(), options.Build());
        var random = new RandomStream(1, StreamKey.Episode);
        whole.Reset(ref random);
        double[] action = [0.5, -0.5, 0.3, 0.1, -0.2, 0.9];
        for (var i = 0; i < 10; i++) whole.Step(action);
        var saved = whole.State.ToArray();
        whole.Step(action);
        saved.CopyTo(broken.State);
        broken.Step(action);
        Assert.Equal(whole.State.ToArray(), broken.State.ToArray());
    }

    [Fact]
    public void Another_tasks_model_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => new MuJoCoOptions { Task = TaskKind.Swimmer, Model = Found("half_cheetah.xml") }.Build());
        Assert.Contains("must be the model of Swimmer", error.Message, StringComparison.Ordinal);
    }

    static string Found(string model)
    {
        Assert.SkipUnless(MuJoCoLibrary.IsInstalled,
            $"{MuJoCoLibrary.FileName} cannot be loaded: on Debian install libmujoco2.2.2; RETORT_MUJOCO can name it.");
        return Directory.EnumerateFiles(Path.GetDirectoryName(At("trajectories.json.gz"))!, model,
            SearchOption.AllDirectories).First();
    }

    static string At(string file)
    {
        var path = Path.Combine(CacheFolders.Data, "mujoco", file);
        Assert.SkipUnless(
            File.Exists(path), $"{path} does not exist; RETORT_DATA can name the folder that has mujoco.");
        return path;
    }

    static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => (double)value!)];
}
