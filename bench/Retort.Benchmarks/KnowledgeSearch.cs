using System.Diagnostics;
using System.Numerics.Tensors;
using MathNet.Numerics.Statistics;
using Retort.Runtime.Knowledge;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// An exact search in a knowledge base, measured in turns with a plain sum over the same bytes, which is what reading
/// the memory costs.
/// </summary>
static class KnowledgeSearch
{
    const int Rows = 100_000;
    const int Width = 384;
    const int Classes = 10;
    const int Neighbors = 10;
    const int Rounds = 41;

    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("retort-bench-").FullName;
        try
        {
            Console.WriteLine(Invariant($"{Rows} rows of {Width} numbers, {Neighbors} neighbors, median of {Rounds}:"));
            Console.WriteLine();
            Console.WriteLine("| keys | threads | MB of keys | search, ms | sum of the float32 keys, ms | ratio |");
            Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
            foreach (var type in Enum.GetValues<KeyType>())
            {
                var file = Path.Combine(folder, $"{type}.base");
                Builder(type).Write(file);
                foreach (var threads in (int[])[1, 2]) Measure(file, threads);
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static KnowledgeBaseBuilder Builder(KeyType type)
    {
        var random = new RandomStream(1, StreamKey.Data);
        var builder = new KnowledgeBaseBuilder(Width, Classes, new(Neighbors, 0.5, 0.1)) { KeyType = type };
        var (key, value) = (new float[Width], new float[Classes]);
        value[0] = 1;
        for (var row = 0; row < Rows; row++)
        {
            for (var d = 0; d < Width; d++) key[d] = (float)random.Uniform(-1, 1);
            builder.Add(key, value, row);
        }
        return builder;
    }

    static void Measure(string file, int threads)
    {
        using var knowledge = KnowledgeBase.Open(file, threads);
        var numbers = new float[Rows * Width];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = i;
        var query = numbers[..Width];
        var nearest = new Neighbor[Neighbors];
        var (searches, sums, total) = (new List<double>(), new List<double>(), 0f);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            knowledge.Search(query, nearest);
            searches.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            total += Sum(numbers, threads);
            sums.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var bytes = (long)Rows * Width * (knowledge.KeyType switch { KeyType.Float32 => 4, KeyType.Float16 => 2, _ => 1 });
        Console.WriteLine(
            Invariant($"| {knowledge.KeyType} | {threads} | {bytes / 1e6:F1} | {searches.Median():F2} | ")
            + Invariant($"{sums.Median():F2} | {searches.Median() / sums.Median():F2} |")
            + (float.IsNaN(total) ? " NaN" : ""));
    }

    static float Sum(float[] numbers, int threads)
    {
        if (threads == 1) return TensorPrimitives.Sum<float>(numbers);

        var sums = new float[threads];
        Parallel.For(0, threads, i =>
        {
            var (from, to) = (numbers.Length / threads * i, numbers.Length / threads * (i + 1));
            sums[i] = TensorPrimitives.Sum<float>(numbers.AsSpan(from, to - from));
        });
        return sums.Sum();
    }
}
