using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Training;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// A training step of an encoder (forward, cross-entropy, backward, AdamW) and its forward as a frozen teacher through
/// ONNX Runtime, compared with eager PyTorch in turns. Four layers, 256 wide, 32 texts of 64 tokens.
/// </summary>
static class EncoderSteps
{
    const int Threads = 2;
    const int Rounds = 7;
    const int Count = 8;
    const int Vocabulary = 8000;
    const int Classes = 10;
    const int Batch = 32;
    const int Tokens = 64;

    static readonly DatasetInfo s_info = new()
    {
        Classes = [.. Enumerable.Range(0, Classes).Select(i => $"{i}")],
        Inputs =
        [
            TensorSpec.Tokens(InputNames.InputIds, Tokens, Vocabulary),
            TensorSpec.Tokens(InputNames.AttentionMask, Tokens),
        ],
    };

    public static int Run()
    {
        torch.set_num_threads(Threads);
        torch.manual_seed(1);
        using var python = new PythonProcess("encoder.py", [$"{Threads}"]);
        using var network = ModuleFactory.Create(() => new BertOptions
        {
            Layers = 4, HiddenSize = 256, Heads = 4, MaxPositions = Tokens,
        }.Build(s_info));
        var random = new Random(1);
        var host = new HostBatch();
        host.Reset(Batch);
        foreach (ref var id in host.Int64(InputNames.InputIds, [Tokens])) id = random.Next(Vocabulary);
        host.Int64(InputNames.AttentionMask, [Tokens]).Fill(1);
        for (var i = 0; i < Batch; i++) host.Labels[i] = random.Next(Classes);

        Console.WriteLine("| what | ms, Retort | ms, PyTorch | times as fast (min–max) | goal |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        using (var optimizer = new AdamWOptions().Build(
            [.. network.named_parameters().Select(pair => (pair.name, pair.parameter))]))
            Compare("training step", "step", 1.1, python, () => Step(network, host, optimizer));

        network.eval();
        using var graph = new OnnxModel("encoder.onnx", OnnxExporter.Export(network, s_info), Threads);
        var ids = NamedTensor.Of<long>(
            InputNames.InputIds, host.Int64(InputNames.InputIds, [Tokens]).ToArray(), Batch, Tokens);
        var mask = NamedTensor.Of<long>(
            InputNames.AttentionMask, host.Int64(InputNames.AttentionMask, [Tokens]).ToArray(), Batch, Tokens);
        Compare("forward, ONNX Runtime", "forward", 1.4, python, () => graph.Run([ids, mask]));
        return 0;
    }

    static void Step(Network network, HostBatch host, Optimizer optimizer)
    {
        using var scope = torch.NewDisposeScope();
        network.train();
        optimizer.ZeroGrad();
        var batch = host.ToBatch();
        var loss = batch.CrossEntropy(network.Forward(batch.Inputs, Output.Logits).Logits);
        loss.backward();
        optimizer.Step(1e-4);
        loss.ToSingle();
    }

    static void Compare(string what, string command, double goal, PythonProcess python, Action ours)
    {
        Time(ours);
        python.Send($"{command} {Count}");
        var rounds = new List<(double Ours, double Theirs)>();
        for (var i = 0; i < Rounds; i++)
        {
            Thread.Sleep(300);                               // the other process's threads spin for a while after work
            var mine = Time(ours);
            Thread.Sleep(300);
            rounds.Add((mine, python.Send($"{command} {Count}")));
        }
        var ratios = rounds.Select(round => round.Theirs / round.Ours).Order().ToList();
        Console.WriteLine(
            Invariant($"| {what} | {rounds.Select(round => round.Ours).Median():F1} ")
            + Invariant($"| {rounds.Select(round => round.Theirs).Median():F1} ")
            + Invariant($"| {ratios.Median():F2} ({ratios[0]:F2}–{ratios[^1]:F2}) | {goal:F1} |"));
    }

    static double Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Count; i++) action();
        return watch.Elapsed.TotalMilliseconds / Count;
    }
}
