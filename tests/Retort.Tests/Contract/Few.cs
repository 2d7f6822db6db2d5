using Retort.Data;
using Retort.Models;
using Retort.Recipes;

namespace Retort.Tests.Contract;

/// <summary>A few examples, a small network, a short run.</summary>
static class Few
{
    public static Facts Facts { get; } = new()
    {
        Classes = 4, Examples = 8, Batch = 8, Steps = 1, Teacher = new(4, 5, []), Student = new(4, 3, []),
    };

    public static string Folder() => Directory.CreateTempSubdirectory("retort-").FullName;

    public static Batch Batch() => new()
    {
        Inputs = new(("pixels", torch.zeros(8, 1, 28, 28))),
        Labels = torch.tensor(new long[] { 0, 1, 2, 3, 0, 1, 2, 3 }),
        Labelled = 8,
        Ids = [0, 1, 2, 3, 4, 5, 6, 7],
    };

    public static Outputs Outputs(int width, bool gradient) => new()
    {
        Logits = torch.randn(8, 4, requires_grad: gradient),
        Embedding = torch.randn(8, width, requires_grad: gradient),
    };

    public static Recipe Recipe(string method) => new()
    {
        Data = new ToyOptions { Examples = 64 },
        Teacher = new TrainedTeacherOptions { Network = new MlpOptions { Hidden = [16] }, Training = new() { Epochs = 1, Batch = 16 } },
        Student = new MlpOptions { Hidden = [4] },
        Method = (MethodOptions)Activator.CreateInstance(Catalogue.Methods[method])!,
        Training = new() { Epochs = 3, Batch = 16, CheckpointEvery = 3 },
        Seeds = 1,
    };

    public static byte[] Train(string method, string folder, int? stopAfter)
    {
        using var stop = new CancellationTokenSource();
        var recipe = Recipe(method);
        if (stopAfter is { } steps) recipe = recipe with { Data = new Stopping(recipe.Data, steps, stop) };
        Experiment.Run(recipe, folder, token: stop.Token);
        return File.ReadAllBytes(Path.Combine(folder, "networks", "student-seed1", "model.safetensors"));
    }

    sealed record Stopping(DataOptions Data, int After, CancellationTokenSource Stop) : DataOptions
    {
        public override Dataset Open()
        {
            var data = Data.Open();
            return new()
            {
                Name = data.Name, Hash = data.Hash, Validation = data.Validation, Test = data.Test,
                Training = new Counted(data.Training, After, Stop),
            };
        }
    }

    sealed class Counted(ITrainingData data, int after, CancellationTokenSource stop) : ITrainingData
    {
        int _served;
        public int Count => data.Count;
        public DataFacts Facts => data.Facts;

        public void Prepare(ReadOnlySpan<int> positions, View view, Prepared into)
        {
            if (++_served == after) stop.Cancel();
            data.Prepare(positions, view, into);
        }
    }
}
