using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MathNet.Numerics.Statistics;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// What <see cref="Student"/> adds to ONNX Runtime: Predict (checks, copies, softmax, pool) compared with the bare run
/// of a session whose buffers are bound, and with the run in ONNX Runtime's documentation. They run in bursts, in
/// turns, and each call is timed, so that other load affects all of them alike.
/// </summary>
static class RuntimeCalls
{
    const int BurstLength = 20;
    const double Goal = 5;                                                 // µs a call

    sealed record Case(string Name, ModelOptions Network, long[] Shape, int Batch, int Bursts);

    static readonly Case[] Cases =
    [
        new("mlp", new MlpOptions(), [64], 1, 1000),
        new("lenet", new LeNetOptions(), [1, 28, 28], 1, 400),
        new("lenet, 64 at once", new LeNetOptions(), [1, 28, 28], 64, 12),
        new("resnet8", new ResNetOptions { Depth = 8 }, [3, 32, 32], 1, 40),
    ];

    public static int Run()
    {
        Console.WriteLine(
            "| student | µs, ONNX Runtime with bound buffers | µs, as documented | µs, Student "
            + "| added, µs (quartiles of bursts) | bytes allocated a call: documented, Student |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        var worst = 0.0;
        foreach (var one in Cases)
        {
            var added = Measure(one);
            if (one.Batch == 1) worst = Math.Max(worst, added);            // the goal is for calls of one example
        }
        Console.WriteLine(Invariant(
            $"a call of one example: at most {worst:F1} µs are added; the goal is {Goal} µs"));
        return worst <= Goal ? 0 : 1;
    }

    static double Measure(Case one)
    {
        using var folders = new RunFolders();
        var input = one.Shape.Length == 1 ? "features" : "pixel_values";
        var info = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
            Inputs = [TensorSpec.Float32(input, one.Shape)],
        };
        torch.manual_seed(1);
        using var network = ModuleFactory.Create(() => one.Network.Build(info));
        WriteStudent(folders.Root, OnnxExporter.Export(network, info), info);
        var examples = new float[one.Batch * info.Inputs[0].Count];
        var random = new Random(1);
        foreach (ref var value in examples.AsSpan()) value = (float)random.NextDouble();

        using var student = Student.Open(folders.Root);
        var model = Path.Combine(folders.Root, "model.onnx");
        using var session = new BareSession(model, input, [one.Batch, .. one.Shape], examples);
        var probabilities = new float[one.Batch * 10];
        void Predict()
        {
            if (one.Batch == 1) student.Predict(examples, probabilities);
            else student.Probabilities(examples, probabilities);
        }

        Action[] calls = [session.RunBound, session.RunDocumented, Predict];
        foreach (var call in calls) TimeBurst(call);                       // warm-up
        var bursts = Enumerable.Range(0, one.Bursts).Select(_ => calls.Select(TimeBurst).ToArray()).ToList();
        var (bound, documented, ours) = (Median(0), Median(1), Median(2));
        var added = bursts.Select(burst => burst[2].Median() - burst[0].Median()).ToList();
        Console.WriteLine(
            Invariant($"| {one.Name} | {bound:F1} | {documented:F1} | {ours:F1} ")
            + Invariant($"| {ours - bound:F2} ({added.LowerQuartile():F2}–{added.UpperQuartile():F2}) ")
            + Invariant($"| {AllocatedBytes(session.RunDocumented)}, {AllocatedBytes(Predict)} |"));
        return ours - bound;

        double Median(int call) => bursts.SelectMany(burst => burst[call]).Median();
    }

    /// <summary>Microseconds of each call of a burst.</summary>
    static double[] TimeBurst(Action call)
    {
        var samples = new double[BurstLength];
        foreach (ref var sample in samples.AsSpan())
        {
            var start = Stopwatch.GetTimestamp();
            call();
            sample = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
        return samples;
    }

    static long AllocatedBytes(Action call)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    static void WriteStudent(string folder, byte[] model, DatasetInfo info)
    {
        var classes = info.Classes.Select(name => JsonValue.Create(name));
        var config = new JsonObject
        {
            ["format"] = StudentFolder.Format,
            ["classes"] = new JsonArray([.. classes]),
            ["task"] = new JsonObject { ["name"] = "classification" },
            ["inputs"] = JsonSerializer.SerializeToNode(info.Inputs, Json.Indented),
            ["outputs"] = JsonSerializer.SerializeToNode(
                (TensorSpec[])[TensorSpec.Features(10) with { Name = "logits" }], Json.Indented),
            ["files"] = new JsonObject { ["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(model)) },
        };
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
    }
}
