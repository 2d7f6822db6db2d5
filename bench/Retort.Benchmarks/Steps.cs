using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Benchmarks;

/// <summary>One KD step (teacher's forward, student's step), batch 64, against eager PyTorch, in turns A B A B.</summary>
static class Steps
{
    const int Threads = 2;
    const int Rounds = 7;

    sealed record Case(string Name, ModelOptions Network, long[] Shape, int Steps, string[] Peer, bool Half, string What, double Goal);

    static readonly Case[] Cases =
    [
        new("mlp", new MlpOptions(), [64], 2000, [], false, "float32, default", 1.3),
        new("lenet", new LeNetOptions(), [1, 28, 28], 200, [], false, "float32, default", 1.3),
        new("resnet20", new ResNetOptions { Depth = 20 }, [3, 32, 32], 8, [], false, "float32, default", 1.1),
        new("resnet20", new ResNetOptions { Depth = 20 }, [3, 32, 32], 8, ["channels-last"], false, "float32, peer channels-last", 1.0),
        new("resnet20", new ResNetOptions { Depth = 20 }, [3, 32, 32], 8, ["channels-last", "bfloat16"], true, "bfloat16, peer autocast", 1.0),
        new("resnet8x4", new ResNetOptions { Depth = 8, Widths = [32, 64, 128, 256] }, [3, 32, 32], 3, [], false, "float32, default", 1.1),
        new("resnet8x4", new ResNetOptions { Depth = 8, Widths = [32, 64, 128, 256] }, [3, 32, 32], 3, ["channels-last"], false, "float32, peer channels-last", 1.0),
        new("resnet8x4", new ResNetOptions { Depth = 8, Widths = [32, 64, 128, 256] }, [3, 32, 32], 3, ["channels-last", "bfloat16"], true, "bfloat16, peer autocast", 1.0),
    ];

    public static int Run(string[] only)
    {
        if (only is ["case", var number])
        {
            torch.set_num_threads(Threads);
            Measure(Cases[int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)]);
            return 0;
        }
        Console.WriteLine("| network | setting | ms, Retort | ms, PyTorch | times as fast (min–max) | goal | peak memory of a step, ratio |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        for (var i = 0; i < Cases.Length; i++)
        {
            if (only.Length > 0 && !only.Contains(Cases[i].Name)) continue;
            using var fresh = Process.Start(Environment.ProcessPath!, ["steps", "case", $"{i}"]);   // memory is measured from a process's first step
            fresh.WaitForExit();
            if (fresh.ExitCode != 0) return fresh.ExitCode;
        }
        return 0;
    }

    static void Measure(Case one)
    {
        using var peer = new Peer("steps.py", [one.Name, $"{Threads}", .. one.Peer]);
        var theirPeak = peer.Ask("memory");
        using var loop = new Loop(one);
        var ourPeak = Memory.Peak(() => loop.Go(3));
        loop.Go(Math.Max(one.Steps / 4, 2));
        peer.Ask($"{Math.Max(one.Steps / 4, 2)}");
        var rounds = new List<(double Ours, double Theirs)>();
        for (var i = 0; i < Rounds; i++)
        {
            Thread.Sleep(300);                                   // the other's threads spin a while after their last work
            var ours = loop.Go(one.Steps);
            Thread.Sleep(300);
            rounds.Add((ours, peer.Ask($"{one.Steps}")));
        }
        var ratios = rounds.Select(round => round.Theirs / round.Ours).Order().ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"| {one.Name} | {one.What} | {rounds.Select(r => r.Ours).Median():F3} | {rounds.Select(r => r.Theirs).Median():F3} | {ratios.Median():F2} ({ratios[0]:F2}–{ratios[^1]:F2}) | {one.Goal:F1} | {ourPeak / theirPeak:F2} ({ourPeak / 1e6:F0} / {theirPeak / 1e6:F0} MB) |"));
    }

    /// <summary>The step as the trainer takes it, without its loader.</summary>
    sealed class Loop : IDisposable
    {
        readonly Network _student;
        readonly NetworkTeacher _teacher;
        readonly SoftTargets _method = new(new());
        readonly Optimizer _optimizer;
        readonly HostBatch _prepared = new();
        readonly Case _case;

        public Loop(Case one)
        {
            _case = one;
            torch.manual_seed(1);
            var facts = new DatasetInfo
            {
                Classes = [.. Enumerable.Range(0, 10).Select(i => $"{i}")],
                Inputs = [TensorSpec.Float32(one.Shape.Length == 1 ? "features" : "pixel_values", one.Shape)],
            };
            (_student, var teacher) = (ModuleFactory.Create(() => one.Network.Build(facts)), ModuleFactory.Create(() => one.Network.Build(facts)));
            _student.ToMemoryFormat(_student.PreferredFormat);
            teacher.ToMemoryFormat(teacher.PreferredFormat);
            _teacher = new(teacher, owns: true);
            _student.train();
            _optimizer = new SgdOptions { Nesterov = true }.Build([.. _student.named_parameters().Select(pair => (pair.name, pair.parameter))]);
            _prepared.Reset(64);
            var chance = new Random(1);
            foreach (ref var value in _prepared.Float32(facts.Inputs[0].Name, one.Shape)) value = (float)(chance.NextDouble() * 2 - 1);
            for (var i = 0; i < 64; i++) _prepared.Labels[i] = chance.Next(10);
        }

        /// <summary>Milliseconds a step.</summary>
        public double Go(int steps)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < steps; i++) Step();
            return watch.Elapsed.TotalMilliseconds / steps;
        }

        float Step()
        {
            using var scope = torch.NewDisposeScope();
            _optimizer.ZeroGrad();
            var batch = _prepared.ToBatch();
            using var arithmetic = Autocast.Enter(_case.Half ? ComputePrecision.BFloat16 : ComputePrecision.Float32);
            var lesson = _teacher.Forward(batch, Output.Logits);
            var answer = _student.Forward(batch.Inputs, Output.Logits);
            var loss = _method.Compute(batch, lesson, answer).Total;
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
