using Retort.Contracts;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Tests.Models;
using Retort.Tests.Recipes;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Proofs;

/// <summary>Encoders as teacher and student of a run, with pretrained weights.</summary>
public sealed class BertProof
{
    [Fact]
    public void A_run_with_pretrained_weights_is_opened_without_their_folder()
    {
        var pretrained = Pretrained(seed: 7);
        var hash = new BertPretrainedOptions { Path = pretrained }.HashPretrained();
        var run = ProofRun.Whole(RecipeOf(pretrained));
        Directory.Delete(pretrained, recursive: true);
        foreach (var (part, layers) in ((string, int)[])[("teacher", 2), ("student-seed1", 1)])
        {
            var folder = Path.Combine(run, "networks", part);
            using var saved = SavedNetwork.Open(folder);
            SavedNetwork.CheckStored(folder, saved.Predict(new TokenSplit(3, 24)), "test");
            Assert.Equal("bert", (string?)saved.Config.Network["name"]);
            Assert.Equal(layers, (int)saved.Config.Network["layers"]!);
            Assert.Equal(hash, saved.Config.PretrainedHash);
        }
    }

    [Fact]
    public void Training_is_continued_only_from_the_same_pretrained_weights()
    {
        var pretrained = Pretrained(seed: 7);
        var whole = Experiment.Run(RecipeOf(pretrained), new() { Folder = TestRuns.Folder(), Jobs = 1 });
        TestRuns.AssertAlike(whole, Resumed(Stopped(pretrained)));

        var stopped = Stopped(pretrained);
        Pretrained(seed: 8, pretrained);
        Assert.Contains(
            "checkpoint.safetensors belongs to another recipe",
            Assert.Throws<InvalidOperationException>(() => Resumed(stopped)).Message, StringComparison.Ordinal);

        string Stopped(string path)
        {
            var folder = TestRuns.Folder();
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Experiment.Run(RecipeOf(path),
                new() { Folder = folder, Jobs = 1 },
                new Epochs(progress => { if (progress is { Part: "student-seed1", Epoch: 1 }) stop.Cancel(); }),
                stop.Token));
            return folder;
        }

        string Resumed(string folder) => Experiment.Run(
            RecipeOf(pretrained), new() { Folder = folder, Jobs = 1, Resume = true });
    }

    static string Pretrained(int seed, string folder = "")
    {
        var info = TinyBert.Info(classes: 0, types: false, vocabulary: 20);
        using var network = TinyBert.New(info: info, seed: seed);
        return TinyBert.HuggingFace(network.state_dict(), folder: folder);
    }

    static Recipe RecipeOf(string pretrained) => new()
    {
        Name = "bert",
        Data = new TokenDataOptions(),
        Teacher = new TrainedTeacherOptions
        {
            Network = new BertPretrainedOptions { Path = pretrained, Pooling = BertPooling.Mean },
            Training = Training,
        },
        Student = new BertPretrainedOptions { Path = pretrained, TakeLayers = [1] },
        Method = new SoftTargetsOptions(),
        Training = Training,
        Seeds = 1,
        Threads = 1,
    };

    static TrainingOptions Training => new()
    {
        Epochs = 2, BatchSize = 8, Optimizer = new AdamOptions(), LearningRate = 0.002, CheckpointSeconds = 0,
    };
}
