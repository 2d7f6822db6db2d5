using System.Text.Json;
using Retort.Data;
using Retort.Runs;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

/// <summary>
/// One LeNet as PyTorch's users save it, asked about the 10,000 test pictures of MNIST, where both are at hand.
/// </summary>
public sealed class InteropGraphTests
{
    static readonly Lazy<IDataSplit> Mnist =
        new(() => new IdxOptions { Path = Path.Combine(CacheFolders.Data, "mnist"), Validation = 5000 }.Open().Test);

    [Theory]
    [InlineData("lenet_opset17.onnx")]
    [InlineData("lenet_dynamo.onnx")]
    [InlineData("lenet_scripted.pt")]
    [InlineData("lenet_traced.pt")]
    public void A_saved_LeNet_has_the_outputs_of_PyTorch(string file)
    {
        var path = Path.Combine(CacheFolders.Data, "interop", file);
        Assert.SkipUnless(File.Exists(path) && Directory.Exists(Path.Combine(CacheFolders.Data, "mnist")),
            $"{path} or MNIST is not there; RETORT_DATA can name the folder that has interop and mnist.");
        using var reference = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(CacheFolders.Data, "interop", "reference.json")));
        var own = new Normalization(255, [0.1307], [0.3081]);
        PretrainedTeacherOptions options = file.EndsWith(".onnx", StringComparison.Ordinal)
            ? new OnnxTeacherOptions { Path = path, Normalization = own }
            : new TorchScriptTeacherOptions { Path = path, Normalization = own };
        using var teacher = options.Open(Mnist.Value.Info, torch.CPU);
        var (right, nll, first) = Asked(teacher);
        Assert.Equal(reference.RootElement.GetProperty("test_accuracy").GetDouble(), right, tolerance: 1e-4);
        Assert.Equal(reference.RootElement.GetProperty("test_nll").GetDouble(), nll, tolerance: 1e-4);
        var expected = reference.RootElement.GetProperty("logits_of_first_8_test_images")
            .EnumerateArray()
            .SelectMany(row => row.EnumerateArray())
            .Select(value => value.GetDouble())
            .ToArray();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], first[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
    }

    static (double Accuracy, double Nll, float[] First) Asked(ITeacher teacher)
    {
        var prepared = new HostBatch();
        var (right, nll, first) = (0, 0.0, Array.Empty<float>());
        for (var from = 0; from < Mnist.Value.Count; from += 500)
        {
            using var scope = torch.NewDisposeScope();
            Mnist.Value.Load([.. Enumerable.Range(from, 500)], View.Plain, prepared);
            var batch = prepared.ToBatch();
            var logits = teacher.Forward(batch, Output.Logits).Logits;
            if (from == 0) first = logits.ToFloatArray()[..80];
            right += logits.argmax(1).eq(batch.Labels).sum().ToInt32();
            nll += batch.CrossEntropy(logits).ToDouble() * 500;
        }
        return ((double)right / Mnist.Value.Count, nll / Mnist.Value.Count, first);
    }
}
