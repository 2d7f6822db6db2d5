using System.Numerics.Tensors;
using Google.Protobuf;
using MathNet.Numerics.Statistics;
using Retort.Runtime.Metrics;
using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>One graph of a student's folder and what it is worth.</summary>
/// <param name="Name"><c>float32</c>, <c>int8</c> or <c>float16</c>.</param>
/// <param name="File">Its name in the folder.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Accuracy">On the test examples: a fraction.</param>
/// <param name="Agreement">The share of test examples that it answers as float32 does.</param>
/// <param name="Microseconds">The median time of one example, one thread, in ONNX Runtime on the machine that exported it.</param>
public sealed record Variant(string Name, string File, long Bytes, double Accuracy, double Agreement, double Microseconds)
{
    /// <summary>How it compares with float32, in a sentence that hides nothing.</summary>
    public string Against(Variant full)
    {
        var points = 100 * (Accuracy - full.Accuracy);
        var accuracy = Math.Abs(points) < 0.005 ? "as accurate as" : FormattableString.Invariant($"{Math.Abs(points):0.00} points {(points > 0 ? "more" : "less")} accurate than");
        return $"{Name} is {Times(full.Bytes, Bytes, "smaller", "larger", "as large")}, {Times(full.Microseconds, Microseconds, "faster", "slower", "as fast")} and {accuracy} float32.";
    }

    // a tenth of a per cent of a file, a few per cent of a time: no difference that anyone would choose by
    static string Times(double full, double here, string better, string worse, string same) => (full / here) switch
    {
        > 1.05 and var ratio => FormattableString.Invariant($"{ratio:0.0#} times {better}"),
        < 1 / 1.05 and var ratio => FormattableString.Invariant($"{1 / ratio:0.0#} times {worse}"),
        _ => same,
    };
}

/// <summary>Makes the smaller graphs and measures all of them.</summary>
static class Variants
{
    /// <summary>Training examples whose activations set the ranges of int8.</summary>
    public const int CalibrationExamples = 512;

    const int Batch = 64;
    const int Rounds = 40;
    const int CallsARound = 25;
    const double SecondsOfTiming = 4;

    /// <summary>The graph in 8-bit integers, its ranges those of training examples.</summary>
    /// <param name="model">In float32.</param>
    /// <param name="data">Where the examples come from.</param>
    public static ModelProto Int8(ModelProto model, Dataset data)
    {
        var places = Quantization.Calibrated(model);
        var ranges = places.ToDictionary(place => place, _ => new Quantization.Bounds(float.PositiveInfinity, float.NegativeInfinity));
        var open = model.Clone();
        var ports = open.Graph.Input.Concat(open.Graph.Output).Select(port => port.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var place in places.Where(place => !ports.Contains(place))) open.Graph.Output.Add(new ValueInfoProto { Name = place });
        using var asked = new ExportRequest("the graph that is calibrated", open.ToByteArray(), data.Info, [.. places.Where(place => !ports.Contains(place))]);
        foreach (var positions in Calibration(data.Training.Count).Chunk(Batch))
        {
            var call = asked.Ask(data.Training, positions);
            var output = 0;
            foreach (var place in places)
            {
                var numbers = ports.Contains(place) ? call.Input<float>() : call.Output<float>(output++);
                var seen = ranges[place];
                ranges[place] = new(Math.Min(seen.Low, TensorPrimitives.Min(numbers)), Math.Max(seen.High, TensorPrimitives.Max(numbers)));
            }
        }
        return Quantization.Of(model, ranges);
    }

    /// <summary>Positions drawn from all of the training part, always the same: files are often sorted, and their beginning is one class.</summary>
    static int[] Calibration(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(0, StreamKey.Data).Shuffle<int>(order);
        return [.. order.Take(CalibrationExamples).Order()];
    }

    /// <summary>What is wrong with a graph's answers to the test examples, as a sentence; null where all are numbers.</summary>
    public static string? Wrong(string name, string path, Dataset data)
    {
        using var asked = new ExportRequest(path, null, data.Info);
        var logits = Answers(asked, data.Test).Logits.AsSpan();
        var at = logits.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return at < 0 ? null : FormattableString.Invariant(
            $"{name} is left out: for test example {at / data.Info.Classes.Count} it answers {logits[at]}, since a number on the way is beyond its range.");
    }

    /// <summary>Accuracy on the test examples, bytes and latency of graphs; the first is what the others are held against.</summary>
    public static IReadOnlyList<Variant> Measured(IReadOnlyList<(string Name, string Path)> graphs, Dataset data, TimeProvider clock)
    {
        var all = graphs.Select(graph => new ExportRequest(graph.Path, null, data.Info)).ToList();
        try
        {
            var answers = all.Select(asked => Answers(asked, data.Test)).ToList();
            var times = Times(all, data, clock);
            var classes = data.Info.Classes.Count;
            return [.. graphs.Select((graph, i) => new Variant(graph.Name, Path.GetFileName(graph.Path), new FileInfo(graph.Path).Length,
                Accuracy.Of(answers[i].Logits, answers[i].Labels), TeacherAgreement.Agreement(answers[0].Logits, answers[i].Logits, classes), times[i]))];
        }
        finally
        {
            foreach (var asked in all) asked.Dispose();
        }
    }

    static (float[] Logits, long[] Labels) Answers(ExportRequest asked, IDataSplit part)
    {
        var classes = part.Info.Classes.Count;
        var (logits, labels) = (new float[part.Count * classes], new long[part.Count]);
        for (var at = 0; at < part.Count; at += Batch)
        {
            asked.Ask(part, [.. Enumerable.Range(at, Math.Min(Batch, part.Count - at))]).Output<float>().CopyTo(logits.AsSpan(at * classes));
            asked.Prepared.Labels.CopyTo(labels.AsSpan(at));
        }
        return (logits, labels);
    }

    // round by round, so that what else the machine does meets all of them alike
    static List<double> Times(List<ExportRequest> all, Dataset data, TimeProvider clock)
    {
        var calls = all.Select(asked => asked.Ask(data.Test, [0])).ToList();
        var samples = all.Select(_ => new List<double>()).ToList();
        var began = clock.GetTimestamp();
        for (var round = -1; round < Rounds && (round < 3 || clock.GetElapsedTime(began).TotalSeconds < SecondsOfTiming); round++)
            for (var i = 0; i < calls.Count; i++)
                for (var call = 0; call < CallsARound; call++)
                {
                    var since = clock.GetTimestamp();
                    calls[i].Run();
                    if (round >= 0) samples[i].Add(clock.GetElapsedTime(since).TotalMicroseconds);    // the first round warms up
                }
        return [.. samples.Select(each => each.Median())];
    }
}
