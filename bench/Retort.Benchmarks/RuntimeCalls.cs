using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MathNet.Numerics.Statistics;
using Microsoft.ML.OnnxRuntime;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;

namespace Retort.Benchmarks;

/// <summary>
/// What <see cref="Student"/> adds to ONNX Runtime: Predict (checks, copies, softmax, pool) against nothing but the run of
/// a session whose buffers are bound, and against the run as ONNX Runtime's documentation shows it; in turns.
/// </summary>
static class RuntimeCalls
{
    const int Rounds = 15;
    const double Goal = 5;                                          // µs a call

    sealed record Case(string Name, ModelOptions Network, long[] Shape, int Batch, int Calls);

    static readonly Case[] Cases =
    [
        new("mlp", new MlpOptions(), [64], 1, 20_000),
        new("lenet", new LeNetOptions(), [1, 28, 28], 1, 4000),
        new("lenet, 64 at once", new LeNetOptions(), [1, 28, 28], 64, 100),
        new("resnet8", new ResNetOptions { Depth = 8 }, [3, 32, 32], 1, 300),
    ];

    public static int Run()
    {
        Console.WriteLine("| student | µs, ONNX Runtime with bound buffers | µs, as documented | µs, Student | added, µs (min–max) | bytes allocated a call: documented, Student |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        var worst = 0.0;
        foreach (var one in Cases) worst = Math.Max(worst, Measure(one));
        Console.WriteLine(FormattableString.Invariant($"at most {worst:F1} µs a call are added; the goal is {Goal} µs"));
        return worst <= Goal ? 0 : 1;
    }

    static double Measure(Case one)
    {
        using var folders = new Folders();
        var input = one.Shape.Length == 1 ? "features" : "pixels";
        var facts = new DataFacts
        {
            Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
            Inputs = new Dictionary<string, IReadOnlyList<long>> { [input] = one.Shape },
        };
        torch.manual_seed(1);
        using var network = Ownership.Built(() => one.Network.Build(facts));
        Write(folders.Root, OnnxExporter.Export(network, facts), facts, input);
        var examples = new float[one.Batch * facts.Flat];
        var chance = new Random(1);
        foreach (ref var number in examples.AsSpan()) number = (float)chance.NextDouble();

        using var student = Student.Open(folders.Root);
        using var bare = new Bare(Path.Combine(folders.Root, "model.onnx"), input, [one.Batch, .. one.Shape], examples);
        var answer = new float[one.Batch * 10];
        void Ask() { if (one.Batch == 1) student.Predict(examples, answer); else student.Probabilities(examples, answer); }
        Action[] ways = [bare.Bound, bare.Documented, Ask];
        foreach (var way in ways) Timed(way, one.Calls);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => ways.Select(way => Timed(way, one.Calls)).ToArray()).ToList();
        var added = rounds.Select(round => round[2] - round[0]).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"| {one.Name} | {rounds.Select(r => r[0]).Median():F1} | {rounds.Select(r => r[1]).Median():F1} | {rounds.Select(r => r[2]).Median():F1} | {added.Median():F2} ({added[0]:F2}–{added[^1]:F2}) | {Allocated(bare.Documented)}, {Allocated(Ask)} |"));
        return added.Median();
    }

    /// <summary>Microseconds a call.</summary>
    static double Timed(Action call, int calls)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < calls; i++) call();
        return watch.Elapsed.TotalMicroseconds / calls;
    }

    static long Allocated(Action call)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    static void Write(string folder, byte[] model, DataFacts facts, string input)
    {
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["format"] = StudentFolder.Format,
            ["classes"] = new JsonArray([.. facts.Classes.Select(name => JsonValue.Create(name))]),
            ["input"] = new JsonObject { ["name"] = input, ["shape"] = new JsonArray([.. facts.Inputs[input].Select(size => JsonValue.Create(size))]) },
            ["files"] = new JsonObject { ["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(model)) },
        }.ToJsonString());
    }

    /// <summary>ONNX Runtime alone, with the settings that Retort gives it.</summary>
    sealed class Bare : IDisposable
    {
        readonly InferenceSession _session;
        readonly RunOptions _options = new();
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
