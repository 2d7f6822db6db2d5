using System.Diagnostics;
using System.Text.Json.Nodes;
using Retort.Data;
using Retort.Fire;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Small runs, in this process and through the real program.</summary>
static class TestRuns
{
    /// <summary>Beside the tests lies the program they are built with.</summary>
    public static string Program => Victim.Program;

    public static Recipe Recipe(int seeds = 1, int threads = 0) => new()
    {
        Name = "small",
        Data = new ToyOptions { Examples = 64 },
        Teacher = new TrainedTeacherOptions
        {
            Network = new MlpOptions { Hidden = [16] },
            Training = new() { Epochs = 1, BatchSize = 16 },
        },
        Student = new MlpOptions { Hidden = [4] },
        Method = new SoftTargetsOptions(),
        Training = new() { Epochs = 2, BatchSize = 16 },
        Seeds = seeds,
        Threads = threads,
    };

    public static string Folder() => Path.Combine(Few.Folder(), "run");

    public static string File(Recipe recipe)
    {
        var path = Path.Combine(Few.Folder(), recipe.Name + ".json");
        System.IO.File.WriteAllText(path, recipe.ToJson());
        return path;
    }

    public static ProcessStartInfo Start(params string[] words) => Victim.Words(words);

    /// <summary>That two runs ended alike; the message names the files that differ.</summary>
    public static void AssertAlike(string expected, string actual) =>
        Assert.Empty(Fire.Outcome.Difference(Fire.Outcome.OfRun(expected), Fire.Outcome.OfRun(actual)));

    public static NetworkConfig Card(string run, string part) =>
        System.Text.Json.JsonSerializer.Deserialize<NetworkConfig>(
            System.IO.File.ReadAllText(Path.Combine(run, "networks", part, "config.json")), Contracts.Json.Indented)!;

    public static JsonObject Json(string path) => JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject();
}

/// <summary>Hears of each epoch's end, while the training waits.</summary>
sealed class Epochs(Action<TrainingProgress> heard) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Score is not null) heard(value);
    }
}
