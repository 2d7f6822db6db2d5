using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.Statistics;
using Retort.Methods;
using Retort.Models;
using Retort.Teachers;
using Retort.Training;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// One KD step (the teacher's forward pass and the student's step), batch 64, compared with eager PyTorch in turns.
/// </summary>
static class Steps
{
    const int Threads = 2;
    const int Rounds = 7;

    sealed record Case(
        string Name,
        ModelOptions Network,
        long[] Shape,
        int Steps,
        string[] Peer,
        bool Half,
        string What,
        double Goal);

    static readonly MlpOptions Mlp = new();
    static readonly LeNetOptions LeNet = new();
    static readonly ResNetOptions ResNet20 = new() { Depth = 20 };
    static readonly ResNetOptions ResNet8X4 = new() { Depth = 8, Widths = [32, 64, 128, 256] };

    static readonly string[] Last = ["channels-last"];
    static readonly string[] LastHalf = ["channels-last", "bfloat16"];

    static readonly Case[] Cases =
    [
        new("mlp", Mlp, [64], 2000, [], false, "float32, default", 1.3),
        new("lenet", LeNet, [1, 28, 28], 200, [], false, "float32, default", 1.3),
        new("resnet20", ResNet20, [3, 32, 32], 8, [], false, "float32, default", 1.1),
        new("resnet20", ResNet20, [3, 32, 32], 8, Last, false, "float32, peer channels-last", 1.0),
        new("resnet20", ResNet20, [3, 32, 32], 8, LastHalf, true, "bfloat16, peer autocast", 1.0),
        new("resnet8x4", ResNet8X4, [3, 32, 32], 3, [], false, "float32, default", 1.1),
        new("resnet8x4", ResNet8X4, [3, 32, 32], 3, Last, false, "float32, peer channels-last", 1.0),
        new("resnet8x4", ResNet8X4, [3, 32, 32], 3, LastHalf, true, "bfloat16, peer autocast", 1.0),
    ];

    public static int Run(string[] networks)
    {
        if (networks is ["case", var index])
        {
            torch.set_num_threads(Threads);
            Measure(Cases[int.Parse(index, CultureInfo.InvariantCulture)]);
            return 0;
        }

        Console.WriteLine(
            "| network | setting | ms, Retort | ms, PyTorch | times as fast (min–max) | goal "
            + "| peak memory of a step, ratio |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        for (var i = 0; i < Cases.Length; i++)
        {
            if (networks.Length > 0 && !networks.Contains(Cases[i].Name)) continue;

            // memory is measured from a process's first step
            using var process = Process.Start(Environment.ProcessPath!, ["steps", "case", $"{i}"]);
            process.WaitForExit();
            if (process.ExitCode != 0) return process.ExitCode;
        }
        return 0;
    }

    static void Measure(Case one)
    {
        using var python = new PythonProcess("steps.py", [one.Name, $"{Threads}", .. one.Peer]);
        var theirPeak = python.Send("memory");
        using var loop = new Loop(one);
        var ourPeak = Memory.Peak(() => loop.Run(3));
        var warmUp = Math.Max(one.Steps / 4, 2);
        loop.Run(warmUp);
        python.Send($"{warmUp}");
        var rounds = new List<(double Ours, double Theirs)>();
        for (var i = 0; i < Rounds; i++)
        {
            Thread.Sleep(300);                               // the other process's threads spin for a while after work
            var ours = loop.Run(one.Steps);
            Thread.Sleep(300);
            rounds.Add((ours, python.Send($"{one.Steps}")));
        }

        var median = rounds.Select(round => round.Ours).Median();
        var peer = rounds.Select(round => round.Theirs).Median();
        var ratios = rounds.Select(round => round.Theirs / round.Ours).Order().ToList();
        Console.WriteLine(
            Invariant($"| {one.Name} | {one.What} | {median:F3} | {peer:F3} ")
            + Invariant($"| {ratios.Median():F2} ({ratios[0]:F2}–{ratios[^1]:F2}) | {one.Goal:F1} ")
            + Invariant($"| {ourPeak / theirPeak:F2} ({ourPeak / 1e6:F0} / {theirPeak / 1e6:F0} MB) |"));
    }

    /// <summary>The trainer's step without its data loader.</summary>
    sealed class Loop : IDisposable
    {
        readonly Network _student;
        readonly NetworkTeacher _teacher;
        readonly SoftTargets _method = new(new());
        readonly Optimizer _optimizer;
        readonly HostBatch _host = new();
        readonly ComputePrecision _precision;

        public Loop(Case one)
        {
            _precision = one.Half ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
            torch.manual_seed(1);
            var input = one.Shape.Length == 1 ? "features" : "pixel_values";
            var info = new DatasetInfo
            {
                Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
                Inputs = [TensorSpec.Float32(input, one.Shape)],
            };
            _student = ModuleFactory.Create(() => one.Network.Build(info));
            var teacher = ModuleFactory.Create(() => one.Network.Build(info));
            _student.ToMemoryFormat(_student.PreferredFormat);
            teacher.ToMemoryFormat(teacher.PreferredFormat);
            _teacher = new(teacher, owns: true);
            _student.train();
            var parameters = _student.named_parameters().Select(pair => (pair.name, pair.parameter));
            _optimizer = new SgdOptions { Nesterov = true }.Build([.. parameters]);

            _host.Reset(64);
            var random = new Random(1);
            foreach (ref var value in _host.Float32(input, one.Shape)) value = (float)(random.NextDouble() * 2 - 1);
            for (var i = 0; i < 64; i++) _host.Labels[i] = random.Next(10);
        }

        /// <summary>Milliseconds per step.</summary>
        public double Run(int steps)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < steps; i++) Step();
            return watch.Elapsed.TotalMilliseconds / steps;
        }

        float Step()
        {
            using var scope = torch.NewDisposeScope();
            _optimizer.ZeroGrad();
            var batch = _host.ToBatch();
            using var autocast = Autocast.Enter(_precision);
            var teacherOutputs = _teacher.Forward(batch, Output.Logits);
            var studentOutputs = _student.Forward(batch.Inputs, Output.Logits);
            var loss = _method.Compute(batch, teacherOutputs, studentOutputs).Total;
            loss.backward();
            _optimizer.Step(0.01);
            return loss.ToSingle();
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _student.Dispose();
            _teacher.Dispose();
        }
    }
}
