using System.Diagnostics;
using System.Numerics.Tensors;
using MathNet.Numerics.Statistics;
using Retort.Export;
using Retort.Models;
using Retort.Runtime;
using Retort.Runtime.Knowledge;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// What a search among 100,000 rows adds to an encoder's prediction of one text of 32 tokens on one thread: exact, and
/// by an index. Keys form 1,000 clusters, or fill 16 directions of the space evenly, which is the harder case; queries
/// are keys.
/// </summary>
static class RetrievalLatency
{
    const int Rows = 100_000;
    const int Clusters = 1_000;
    const int Directions = 16;
    const float Noise = 0.05f;                               // of keys in few directions
    const int Classes = 10;
    const int Neighbors = 10;
    const int Tokens = 32;
    const int Vocabulary = 8_000;
    const int Rounds = 21;

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
        Console.WriteLine("| student | keys | search | prediction, ms | search, ms | share, % | recall, % |");
        Console.WriteLine("| --- | --- | --- | ---: | ---: | ---: | ---: |");
        var folder = Directory.CreateTempSubdirectory("retort-bench-").FullName;
        try
        {
            Measure("2 layers, 384 wide", new BertOptions { Layers = 2, HiddenSize = 384, Heads = 12 }, folder);
            Measure("6 layers, 768 wide", new BertOptions { Layers = 6, HiddenSize = 768, Heads = 12 }, folder);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Measure(string name, BertOptions options, string folder)
    {
        torch.manual_seed(1);
        using var network = ModuleFactory.Create(() => (options with { MaxPositions = Tokens }).Build(s_info));
        network.eval();
        using var graph = new OnnxModel("student.onnx", OnnxExporter.Export(network, s_info), threads: 1);
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, Tokens).Select(_ => (long)random.Next(Vocabulary))];
        NamedTensor[] inputs =
        [
            NamedTensor.Of<long>(InputNames.InputIds, ids, 1, Tokens),
            NamedTensor.Of<long>(InputNames.AttentionMask, Enumerable.Repeat(1L, Tokens).ToArray(), 1, Tokens),
        ];
        foreach (var areClusters in (bool[])[true, false])
        {
            var keys = areClusters ? "clusters" : "directions";
            var file = Path.Combine(folder, "knowledge.base");
            Builder(options.HiddenSize, areClusters).Write(file);
            using var knowledge = KnowledgeBase.Open(file);
            Compare($"{name} | {keys} | exact", graph, inputs, knowledge, knowledge, recall: 1);
            var lists = InvertedFileIndex.Build(knowledge, threads: 2);
            foreach (var probes in (int[])[1, 2, 4, 8, 16])
            {
                var index = lists.WithProbes(probes);
                Compare(Invariant($"{name} | {keys} | {probes} of {index.Lists} lists"), graph, inputs, knowledge,
                    index, index.Recall(Neighbors));
            }
        }
    }

    static KnowledgeBaseBuilder Builder(int width, bool areClusters)
    {
        var random = new RandomStream(1, StreamKey.Data);
        var vectors = new float[areClusters ? Clusters : Directions][];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = Normal(ref random, width);
        var builder = new KnowledgeBaseBuilder(width, Classes, new(Neighbors, 0.5, 0.1));
        var value = new float[Classes];
        value[0] = 1;
        for (var row = 0; row < Rows; row++)
        {
            var key = Normal(ref random, width);
            if (areClusters) TensorPrimitives.Add(key, vectors[row % Clusters], key);     // a cosine of .5 within one
            else
            {
                TensorPrimitives.Multiply(key, Noise, key);
                foreach (var vector in vectors) TensorPrimitives.MultiplyAdd(vector, (float)random.Normal(), key, key);
            }
            builder.Add(key, value, row);
        }
        return builder;
    }

    static float[] Normal(ref RandomStream random, int width)
    {
        var values = new float[width];
        for (var d = 0; d < width; d++) values[d] = (float)random.Normal();
        return values;
    }

    static void Compare(
        string what, OnnxModel graph, NamedTensor[] inputs, KnowledgeBase knowledge, INeighborSearch search,
        double recall)
    {
        var (predictions, searches) = (new List<double>(), new List<double>());
        var query = new float[knowledge.Width];
        var nearest = new Neighbor[Neighbors];
        for (var round = 0; round < Rounds; round++)
        {
            knowledge.CopyKey(Rows / Rounds * round, query);
            var start = Stopwatch.GetTimestamp();
            graph.Run(inputs);
            predictions.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            search.Search(query, nearest);
            searches.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var (prediction, added) = (predictions.Median(), searches.Median());
        Console.WriteLine(Invariant(
            $"| {what} | {prediction:F2} | {added:F3} | {100 * added / prediction:F1} | {100 * recall:F1} |"));
    }
}
