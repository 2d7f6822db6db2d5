using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MathNet.Numerics.Statistics;
using Microsoft.ML.OnnxRuntime;
using Retort.Export;
using Retort.Models;
using Retort.Runs;
using Retort.Runtime;

namespace Retort.Benchmarks;

/// <summary>
/// What <see cref="Student"/> adds to ONNX Runtime: Predict (checks, copies, softmax, pool) against nothing but the run of
/// a session whose buffers are bound, and against the run as ONNX Runtime's documentation shows it. Bursts in turns, each
/// call timed, medians: what else the machine does meets all of them alike and falls out.
/// </summary>
static class RuntimeCalls
{
    const int Burst = 20;                                           // calls before the next has its turn
    const double Goal = 5;                                          // µs a call

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
        Console.WriteLine("| student | µs, ONNX Runtime with bound buffers | µs, as documented | µs, Student | added, µs (quartiles of bursts) | bytes allocated a call: documented, Student |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        var worst = 0.0;
        foreach (var one in Cases)
        {
            var added = Measure(one);
            if (one.Batch == 1) worst = Math.Max(worst, added);      // a batch's own copies are shown, not held against the goal
        }
        Console.WriteLine(FormattableString.Invariant($"a call of one example: at most {worst:F1} µs are added; the goal is {Goal} µs"));
        return worst <= Goal ? 0 : 1;
    }

    static double Measure(Case one)
    {
        using var folders = new Folders();
        var input = one.Shape.Length == 1 ? "features" : "pixel_values";
        var facts = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
            Inputs = [TensorSpec.Float32(input, one.Shape)],
        };
        torch.manual_seed(1);
        using var network = ModuleFactory.Create(() => one.Network.Build(facts));
        Write(folders.Root, OnnxExporter.Export(network, facts), facts);
        var examples = new float[one.Batch * facts.Inputs[0].Count];
        var chance = new Random(1);
        foreach (ref var number in examples.AsSpan()) number = (float)chance.NextDouble();

        using var student = Student.Open(folders.Root);
        using var bare = new Bare(Path.Combine(folders.Root, "model.onnx"), input, [one.Batch, .. one.Shape], examples);
        var answer = new float[one.Batch * 10];
        void Ask() { if (one.Batch == 1) student.Predict(examples, answer); else student.Probabilities(examples, answer); }
        Action[] ways = [bare.Bound, bare.Documented, Ask];
        foreach (var way in ways) Timed(way);                       // warm-up
        var bursts = Enumerable.Range(0, one.Bursts).Select(_ => ways.Select(Timed).ToArray()).ToList();
        var (bound, documented, ours) = (Median(0), Median(1), Median(2));
        var added = bursts.Select(burst => burst[2].Median() - burst[0].Median()).ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"| {one.Name} | {bound:F1} | {documented:F1} | {ours:F1} | {ours - bound:F2} ({added.LowerQuartile():F2}–{added.UpperQuartile():F2}) | {Allocated(bare.Documented)}, {Allocated(Ask)} |"));
        return ours - bound;

        double Median(int way) => bursts.SelectMany(burst => burst[way]).Median();
    }

    /// <summary>Microseconds of each call of a burst.</summary>
    static double[] Timed(Action call)
    {
        var samples = new double[Burst];
        foreach (ref var sample in samples.AsSpan())
        {
            var since = Stopwatch.GetTimestamp();
            call();
            sample = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
        }
        return samples;
    }

    static long Allocated(Action call)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    static void Write(string folder, byte[] model, DatasetInfo facts)
    {
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["format"] = StudentFolder.Format,
            ["classes"] = new JsonArray([.. facts.Classes.Select(name => JsonValue.Create(name))]),
            ["task"] = new JsonObject { ["name"] = "classification" },
            ["inputs"] = JsonSerializer.SerializeToNode(facts.Inputs, Json.Indented),
            ["outputs"] = JsonSerializer.SerializeToNode((TensorSpec[])[TensorSpec.Features(10) with { Name = "logits" }], Json.Indented),
            ["files"] = new JsonObject { ["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(model)) },
        }.ToJsonString());
    }

    /// <summary>ONNX Runtime alone, with the settings that Retort gives it.</summary>
    sealed class Bare : IDisposable
    {
        readonly InferenceSession _session;
        readonly Microsoft.ML.OnnxRuntime.RunOptions _options = new();
        readonly OrtIoBinding _binding;
        readonly OrtValue _given, _found;
        readonly float[] _examples;
        readonly long[] _shape;
        readonly string[] _inputs, _outputs = ["logits"];

        public Bare(string path, string input, long[] shape, float[] examples)
        {
            using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            (_session, _examples, _shape, _inputs) = (new(path, settings), examples, shape, [input]);
            _given = OrtValue.CreateTensorValueFromMemory(examples, shape);
            _found = OrtValue.CreateTensorValueFromMemory(new float[shape[0] * 10], [shape[0], 10]);
            _binding = _session.CreateIoBinding();
            _binding.BindInput(input, _given);
            _binding.BindOutput("logits", _found);
        }

        public void Bound() => _session.RunWithBinding(_options, _binding);

        public void Documented()
        {
            using var given = OrtValue.CreateTensorValueFromMemory(_examples, _shape);
            using var found = _session.Run(_options, _inputs, [given], _outputs);
            _ = found[0].GetTensorDataAsSpan<float>()[0];
        }

        public void Dispose()
        {
            _binding.Dispose();
            _given.Dispose();
            _found.Dispose();
            _options.Dispose();
            _session.Dispose();
        }
    }
}
