using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Tensors.Files;

namespace Retort.Benchmarks;

/// <summary>
/// The LeNet of the interop files as Retort exports it, normalization and all, against what PyTorch exported of it, both
/// in ONNX Runtime on one thread, in turns.
/// </summary>
static class Exports
{
    const int Rounds = 60, Calls = 50;

    public static int Run()
    {
        var peer = Path.Combine(CacheFolders.Data, "interop", "lenet_opset17.onnx");
        if (!File.Exists(peer))
        {
            Console.Error.WriteLine($"SKIPPED: {peer} is not there; RETORT_DATA can name the folder that has interop.");
            return 2;
        }
        var facts = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")],
            Inputs = [TensorSpec.Float32("pixel_values", 1, 28, 28) with { Normalization = new(255, [0.1307], [0.3081]) }],
        };
        using var network = ModuleFactory.Create(() => new LeNetOptions { BatchNorm = true }.Build(facts));
        using (torch.NewDisposeScope())
            WeightsFile.LoadStateDict(network.state_dict(), WeightsFile.Read(Path.ChangeExtension(peer.Replace("_opset17", "", StringComparison.Ordinal), "safetensors")), "lenet.safetensors");
        using var ours = new OnnxModel("ours", OnnxExporter.Export(network, facts), threads: 1);
        using var bare = new OnnxModel("ours without normalization", OnnxExporter.Export(network, facts with { Inputs = [facts.Inputs[0] with { Normalization = null }] }), threads: 1);
        using var theirs = new OnnxModel(peer);
        Console.WriteLine("| LeNet in ONNX Runtime, one thread | Retort, normalization inside, µs | without it, µs | PyTorch, µs | Retort / PyTorch |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var batch in new[] { 1, 64 })
        {
            var times = Timed(batch, ours, bare, theirs);
            Console.WriteLine(FormattableString.Invariant($"| batch {batch} | {times[0]:F1} | {times[1]:F1} | {times[2]:F1} | {times[0] / times[2]:F3} |"));
        }
        return 0;
    }

    static double[] Timed(int batch, params OnnxModel[] graphs)
    {
        var calls = graphs.Select(graph => graph.Prepare([[batch, 1, 28, 28]], graph.Outputs[0].Name)).ToList();
        var samples = calls.Select(_ => new List<double>()).ToList();
        for (var round = -1; round < Rounds; round++)
            for (var i = 0; i < calls.Count; i++)
                for (var call = 0; call < Calls; call++)
                {
                    var since = Stopwatch.GetTimestamp();
                    calls[i].Run();
                    if (round >= 0) samples[i].Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds);
                }
        foreach (var call in calls) call.Dispose();
        return [.. samples.Select(each => each.Median())];
    }
}
