using Retort.Data;
using Retort.Models;
using Retort.Runs;
using Retort.Runtime.Metrics;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Teachers;

/// <summary>
/// The reference's files and the whole of MNIST, where they are at hand: in the cache of data sets, which RETORT_DATA
/// moves (<c>interop</c> and <c>mnist</c> in it).
/// </summary>
public sealed class InteropTests
{
    [Theory]
    [InlineData("lenet.pth", 1e-4, 1e-4)]
    [InlineData("lenet_checkpoint.pth", 1e-4, 1e-4)]
    [InlineData("lenet_legacy.pth", 1e-4, 1e-4)]
    [InlineData("lenet.safetensors", 1e-4, 1e-4)]
    [InlineData("lenet_half.pth", 5e-4, 5e-3)]
    public void Each_file_gives_the_references_accuracy_nll_and_logits(string file, double accuracy, double logits)
    {
        var path = Path.Combine(At("interop"), file);
        var reference = Recipes.TestRuns.Json(Path.Combine(At("interop"), "reference.json"));
        var data = Mnist(At("mnist"));
        using var teacher = new CheckpointTeacherOptions
        {
            Network = new LeNetOptions { BatchNorm = true }, Path = path, Normalization = new(255, [0.1307], [0.3081]),
        }.Open(data.Info, CPU);
        var found = Evaluator.Predict(teacher, data.Test, Output.Logits);
        Assert.InRange(
            Math.Abs(Accuracy.Of(found.Values, found.Labels) - (double)reference["test_accuracy"]!), 0,
            accuracy + 1e-9);
        Assert.Equal((double)reference["test_nll"]!, Likelihood.Nll(found.Values, found.Labels), tolerance: logits);
        var expected = reference["logits_of_first_8_test_images"]!.AsArray()
            .SelectMany(row => row!.AsArray().Select(value => (double)value!));
        Assert.All(expected.Zip(found.Values), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, logits));
    }

    static Dataset? s_mnist;

    static Dataset Mnist(string folder) => s_mnist ??= new IdxOptions { Path = folder, Validation = 5000 }.Open();

    static string At(string name)
    {
        var folder = Path.Combine(CacheFolders.Data, name);
        Assert.SkipUnless(
            Directory.Exists(folder), $"{folder} is not there; RETORT_DATA can name the folder that has {name}.");
        return folder;
    }
}
