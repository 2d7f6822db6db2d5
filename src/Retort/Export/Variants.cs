using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using MathNet.Numerics.Statistics;
using Retort.Runtime;
using Retort.Runtime.Knowledge;
using Retort.Runtime.Metrics;
using Retort.Runtime.Wire;

namespace Retort.Export;

/// <summary>Makes the smaller graphs, and measures all of them.</summary>
static class Variants
{
    /// <summary>Training examples whose activations set the ranges of int8.</summary>
    public const int CalibrationExamples = 512;

    const int BatchSize = 64;
    const int Rounds = 40;
    const int CallsPerRound = 25;
    const double SecondsOfTiming = 4;

    /// <summary>
    /// The graph in 8-bit integers: a transformer with ranges of each call, others with those of training examples.
    /// </summary>
    /// <param name="model">The graph in float32.</param>
    /// <param name="data">The data of the examples.</param>
    public static ModelProto Int8(ModelProto model, Dataset data)
    {
        if (DynamicQuantization.Fits(model)) return DynamicQuantization.Of(model);
        if (data.Training.Count == 0) throw new NotSupportedException(
            "ranges of activations are taken from training examples, and a policy has none.");

        var values = Quantization.Calibrated(model);
        var ports = model.Graph.Input.Concat(model.Graph.Output).Select(port => port.Name)
            .ToHashSet(StringComparer.Ordinal);
        string[] inner = [.. values.Where(value => !ports.Contains(value))];
        var open = model.Clone();
        foreach (var value in inner) open.Graph.Output.Add(new ValueInfoProto { Name = value });
        using var graph = new ExportedGraph("the graph that is calibrated", open.ToByteArray(), data.Info,
            [.. values.Where(value => open.Graph.Output.Any(output => output.Name == value))]);

        var found = new Dictionary<string, Quantization.Bounds>(StringComparer.Ordinal);
        foreach (var positions in Calibration(data.Training.Count).Chunk(BatchSize))
        {
            var run = graph.Run(data.Training, positions);
            foreach (var tensor in run.Inputs.Concat(run.Outputs).Where(tensor => values.Contains(tensor.Name)))
                Widen(found, tensor);
        }
        var ranges = values.Where(found.ContainsKey).ToDictionary(value => value, value => found[value]);
        return Quantization.Of(model, ranges);
    }

    /// <summary>Why a graph is left out, as a sentence: an output on a test example is not finite. Else null.</summary>
    public static string? Defect(string name, string path, Dataset data, OutputKey output)
    {
        using var graph = new ExportedGraph(path, null, data.Info, output.Name);
        var predictions = Predict(graph, data.Test, output);
        var at = predictions.Values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return at < 0 ? null : Invariant(
            $"{name} is left out: for test example {at / predictions.Width} it returns {predictions.Values[at]}, ")
            + "since a number on the way is beyond its range.";
    }

    /// <summary>Score on the test examples, bytes and latency of graphs; the first is the one in float32.</summary>
    /// <param name="graphs">Names and files.</param>
    /// <param name="data">The data.</param>
    /// <param name="task">The task that scores them.</param>
    /// <param name="teacher">The teacher's predictions on test; null where there are none.</param>
    /// <param name="clock">Times the graphs.</param>
    /// <param name="knowledge">The knowledge base that the scores are made with; null for none.</param>
    public static IReadOnlyList<Variant> Measure(IReadOnlyList<(string Name, string Path)> graphs, Dataset data,
        LearningTask task, Predictions? teacher, TimeProvider clock, KnowledgeBase? knowledge = null)
    {
        string[] outputs = knowledge is null ? [task.Output.Name] : [task.Output.Name, Output.Embedding.Name];
        var open = graphs.Select(graph => new ExportedGraph(graph.Path, null, data.Info, outputs)).ToList();
        try
        {
            var predictions = open.Select(graph => Predict(graph, data.Test, task.Output, knowledge)).ToList();
            var times = Times(open, data, clock);
            return [.. graphs.Select((graph, i) => new Variant(
                graph.Name, Path.GetFileName(graph.Path), new FileInfo(graph.Path).Length,
                ScoreOf(open[i], predictions[i], data, task, teacher),
                task.HasClassProbabilities ? Agreement(predictions[0], predictions[i]) : null, times[i]))];
        }
        finally
        {
            foreach (var graph in open) graph.Dispose();
        }
    }

    // always the same, drawn from the whole split: files are often sorted, and their beginning is one class
    static int[] Calibration(int count)
    {
        var order = new RandomStream(0, StreamKey.Data).Permutation(count);
        return [.. order.Take(CalibrationExamples).Order()];
    }

    // integers, such as token ids and sizes, have no range
    static void Widen(Dictionary<string, Quantization.Bounds> ranges, NamedTensor tensor)
    {
        if (tensor.ElementType != typeof(float)) return;
        var values = tensor.Values<float>();
        var (low, high) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        ref var range = ref CollectionsMarshal.GetValueRefOrAddDefault(ranges, tensor.Name, out var known);
        range = known ? new(Math.Min(range.Low, low), Math.Max(range.High, high)) : new(low, high);
    }

    static double ScoreOf(
        ExportedGraph graph, Predictions predictions, Dataset data, LearningTask task, Predictions? teacher)
    {
        var reference = task.ScoresNeedTeacher ? teacher : null;
        var scores = task.Evaluate(predictions, reference);
        if (!scores.ContainsKey(task.Primary.Name) && task.ScoresNeedTraining)
            scores = task.Evaluate(predictions, reference, Predict(graph, data.Labelled, task.Output));
        return scores.TryGetValue(task.Primary.Name, out var score) ? score : throw new InvalidOperationException(
            $"The score {task.Primary.Title} of the task \"{task.Name}\" cannot be computed: it needs a teacher's "
            + "predictions on the test split.");
    }

    static double Agreement(Predictions full, Predictions predictions) =>
        TeacherAgreement.Agreement(full.Values, predictions.Values, full.Width);

    static Predictions Predict(
        ExportedGraph graph, IDataSplit split, OutputKey output, KnowledgeBase? knowledge = null)
    {
        if (split is EpisodeSplit episodes) return episodes.Returns((rows, count) => graph.Run(rows, count));

        var (values, labels, ids) = (new List<float>(), new long[split.Count], new long[split.Count]);
        var (targets, embeddings) = (new List<float>(), new List<float>());
        for (var at = 0; at < split.Count; at += BatchSize)
        {
            int[] positions = [.. Enumerable.Range(at, Math.Min(BatchSize, split.Count - at))];
            var run = graph.Run(split, positions);
            values.AddRange(run.Output<float>());
            if (knowledge is not null) embeddings.AddRange(run.Output(Output.Embedding.Name));
            graph.Batch.Labels.CopyTo(labels.AsSpan(at));
            for (var i = 0; i < positions.Length; i++) ids[at + i] = graph.Batch.Ids[i];
            if (graph.Batch.TargetWidth > 0) targets.AddRange(graph.Batch.KnownTargets);
        }
        return new()
        {
            Output = output.Name,
            Values = knowledge is null ? [.. values] : Retrieval.Logits(knowledge, [.. values], [.. embeddings]),
            Width = values.Count / split.Count,
            Labels = labels,
            Ids = ids,
            Targets = targets.Count > 0 ? [.. targets] : null,
        };
    }

    // in turns, so that what else the machine does affects all of them alike
    static List<double> Times(List<ExportedGraph> graphs, Dataset data, TimeProvider clock)
    {
        var calls = graphs.Select(graph => graph.Prepare(data.Test, 0)).ToList();
        var samples = graphs.Select(_ => new List<double>()).ToList();
        var started = clock.GetTimestamp();
        for (var round = -1; round < Rounds; round++)
        {
            if (round >= 3 && clock.GetElapsedTime(started).TotalSeconds >= SecondsOfTiming) break;
            for (var i = 0; i < calls.Count; i++)
                for (var call = 0; call < CallsPerRound; call++)
                {
                    var since = clock.GetTimestamp();
                    calls[i].Run();
                    if (round >= 0) samples[i].Add(clock.GetElapsedTime(since).TotalMicroseconds);   // -1 warms up
                }
        }
        foreach (var call in calls) call.Dispose();
        return [.. samples.Select(each => each.Median())];
    }
}
