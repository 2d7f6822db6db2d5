using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Teachers.Cache;
using static System.FormattableString;

namespace Retort.Benchmarks;

/// <summary>
/// The cost and the gain of a cache of resnet32x4's outputs for resnet8x4, 100 classes, batch 64, measured in turns:
/// writing compared with the bare forward pass, the cached step compared with the best possible, and a hit alone.
/// </summary>
static class CacheCost
{
    const int Threads = 2;
    const int Rounds = 5;
    const int HitRounds = 400;

    public static int Run()
    {
        torch.set_num_threads(Threads);
        var folder = Directory.CreateTempSubdirectory("retort-bench-").FullName;
        try
        {
            using var steps = new CacheSteps(folder);
            steps.WarmUp();
            var rounds = Enumerable.Range(0, Rounds).Select(steps.Measure).ToList();
            Console.WriteLine("| resnet32x4 → resnet8x4, batch 64, 2 threads | ms a batch |");
            Console.WriteLine("| --- | ---: |");
            PrintMedian("teacher's forward", rounds.Select(round => round.Forward));
            PrintMedian("student's step, outputs given", rounds.Select(round => round.Step));
            PrintMedian("KD step, with the teacher", rounds.Select(round => round.Live));
            PrintMedian("KD step, teacher cached (float16)", rounds.Select(round => round.Cached));
            PrintMedian("writing the cache", rounds.Select(round => round.Writing));

            Console.WriteLine();
            PrintRatio(
                "cached step's gain / ceiling (goal ≥ 0.9)",
                rounds.Select(round => round.Live / round.Cached / ((round.Forward + round.Step) / round.Step)));
            PrintRatio(
                "writing / bare forward (goal ≤ 1.05)", rounds.Select(round => round.Writing / round.Forward));
            foreach (var codec in (CodecOptions[])[new Float32Options(), new Float16Options(), new TopKOptions()])
                MeasureHit(steps, codec);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void PrintMedian(string what, IEnumerable<double> values) =>
        Console.WriteLine(Invariant($"| {what} | {values.Median():F1} |"));

    static void PrintRatio(string what, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        Console.WriteLine(Invariant($"{what}: {sorted.Median():F3} ({sorted[0]:F3}–{sorted[^1]:F3})"));
    }

    static void MeasureHit(CacheSteps steps, CodecOptions codec)
    {
        using var cache = steps.OpenCache(codec, "hit");
        var batches = Enumerable.Range(0, 8).Select(steps.Batch).ToList();
        var samples = new List<double>();
        for (var i = 0; i < HitRounds; i++)
        {
            using var scope = torch.NewDisposeScope();
            var start = Stopwatch.GetTimestamp();
            cache.Forward(batches[i % 8], Output.Logits);
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / CacheSteps.BatchSize);
        }

        var name = codec.GetType().Name.Replace("Options", "", StringComparison.Ordinal).ToLowerInvariant();
        var error = cache.Errors[0];
        Console.WriteLine(
            Invariant($"a hit, {name}: {samples.Skip(HitRounds / 4).Median():F2} µs a sample (goal < 20 at float16), ")
            + Invariant($"{error.Largest:g2} logits' largest error, {error.Kl:g2} nats"));
    }
}
