using System.IO.Compression;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tests.House;

namespace Retort.Tests.Environments;

/// <summary>The classic environments against steps that Gymnasium 0.29.1 recorded.</summary>
public sealed class TrajectoryTests
{
    const double Tolerance = 2e-6;                                          // observations are float32 there

    [Theory]
    [InlineData("pendulum", "Pendulum-v1")]
    [InlineData("mountain-car-continuous", "MountainCarContinuous-v0")]
    [InlineData("cart-pole", "CartPole-v1")]
    public void The_golden_steps_come_out_again(string name, string original) => Check(name, original,
        JsonNode.Parse(File.ReadAllText(Repository.At("tests/Golden/Environments/trajectories.json")))!);

    [Theory]
    [InlineData("pendulum", "Pendulum-v1")]
    [InlineData("mountain-car-continuous", "MountainCarContinuous-v0")]
    [InlineData("cart-pole", "CartPole-v1")]
    public void All_recorded_steps_come_out_again(string name, string original)
    {
        var path = Path.Combine(CacheFolders.Data, "mujoco", "trajectories.json.gz");
        Assert.SkipUnless(
            File.Exists(path), $"{path} does not exist; RETORT_DATA can name the folder that has mujoco.");
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        Check(name, original, JsonNode.Parse(stream)!);
    }

    static void Check(string name, string original, JsonNode recorded)
    {
        var options = (EnvironmentOptions)Activator.CreateInstance(Registry.Environments[name])!;
        var expected = recorded["envs"]![original]!;
        Assert.Equal((int)expected["max_steps"]!, options.Build().TimeLimit);
        var steps = 0;
        foreach (var episode in expected["episodes"]!.AsArray())
        {
            var environment = options.Build();
            Numbers(episode!["state"]!).CopyTo(environment.State);
            var observation = new double[environment.Observations.Count];
            environment.Observe(observation);
            Close(Numbers(episode["obs"]![0]!), observation);
            foreach (var (t, action) in episode["actions"]!.AsArray().Index())
            {
                var outcome = environment.Step(action is JsonArray list ? Numbers(list) : [(double)action!]);
                environment.Observe(observation);
                Close(Numbers(episode["obs"]![t + 1]!), observation);
                Close([(double)episode["rewards"]![t]!], [outcome.Reward]);
                Assert.Equal((bool)episode["terminated"]![t]!, outcome.Terminated);
                steps++;
            }
        }
        Assert.True(steps > 20);
    }

    static void Close(double[] expected, double[] found) =>
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance));

    static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => (double)value!)];
}
