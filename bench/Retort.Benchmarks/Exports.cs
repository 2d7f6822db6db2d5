using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Tensors.Files;

namespace Retort.Benchmarks;

/// <summary>
/// A LeNet that Retort exported, normalization included, compared with PyTorch's export of it: both in ONNX Runtime on
/// one thread, in turns.
/// </summary>
static class Exports
{
    const int Rounds = 60;
    const int Calls = 50;

    public static int Run()
    {
        var peer = Path.Combine(CacheFolders.Data, "interop", "lenet_opset17.onnx");
        if (!File.Exists(peer))
        {
            Console.Error.WriteLine(
                $"SKIPPED: {peer} does not exist; RETORT_DATA can name the folder that has interop.");
            return 2;
        }

        var info = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")],
            Inputs =
            [
                TensorSpec.Float32("pixel_values", 1, 28, 28) with { Normalization = new(255, [0.1307], [0.3081]) },
            ],
        };
        var withoutNormalization = info with { Inputs = [info.Inputs[0] with { Normalization = null }] };
        using var network = ModuleFactory.Create(() => new LeNetOptions { BatchNorm = true }.Build(info));
        using (torch.NewDisposeScope())
        {
            var weights = Path.Combine(Path.GetDirectoryName(peer)!, "lenet.safetensors");
            WeightsFile.LoadStateDict(network.state_dict(), WeightsFile.Read(weights), "lenet.safetensors");
        }
        using var ours = new OnnxModel("ours", OnnxExporter.Export(network, info), threads: 1);
        using var bare = new OnnxModel(
            "ours without normalization", OnnxExporter.Export(network, withoutNormalization), threads: 1);
        using var theirs = new OnnxModel(peer);

        Console.WriteLine(
            "| LeNet in ONNX Runtime, one thread | Retort, normalization inside, µs | without it, µs | PyTorch, µs "
            + "| Retort / PyTorch |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var batch in (int[])[1, 64])
        {
            var times = Microseconds(batch, ours, bare, theirs);
            Console.WriteLine(FormattableString.Invariant(
                $"| batch {batch} | {times[0]:F1} | {times[1]:F1} | {times[2]:F1} | {times[0] / times[2]:F3} |"));
        }
        return 0;
    }

    /// <summary>The median time of a call of each model.</summary>
    static double[] Microseconds(int batch, params OnnxModel[] models)
    {
        var calls = models.Select(model => model.Prepare([[batch, 1, 28, 28]], model.Outputs[0].Name)).ToList();
        var samples = calls.Select(_ => new List<double>()).ToList();
        for (var round = -1; round < Rounds; round++)                      // round -1 is the warm-up
            for (var i = 0; i < calls.Count; i++)
                for (var call = 0; call < Calls; call++)
                {
                    var start = Stopwatch.GetTimestamp();
                    calls[i].Run();
                    if (round >= 0) samples[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                }
        foreach (var call in calls) call.Dispose();
        return [.. samples.Select(each => each.Median())];
    }
}
