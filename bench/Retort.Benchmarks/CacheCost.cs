using System.Diagnostics;
using MathNet.Numerics.Statistics;
using Retort.Methods;
using Retort.Models;
using Retort.Report;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Training;

namespace Retort.Benchmarks;

/// <summary>
/// What a cache of resnet32x4's answers costs and gains under resnet8x4, 100 classes, batch 64, all in one run and in
/// turns: writing against the bare forward pass, the cached step against the ceiling, a hit by itself.
/// </summary>
static class CacheCost
{
    const int Threads = 2, Rounds = 5, Batch = 64, Examples = 512, StepsARound = 3, HitRounds = 400;

    public static int Run()
    {
        torch.set_num_threads(Threads);
        var folder = Directory.CreateTempSubdirectory("retort-bench-").FullName;
        try
        {
            using var work = new Work(folder);
            work.Warm();
            var rounds = Enumerable.Range(0, Rounds).Select(round => work.Round(round)).ToList();
            Console.WriteLine("| resnet32x4 → resnet8x4, batch 64, 2 threads | ms a batch |");
            Console.WriteLine("| --- | ---: |");
            Line("teacher's forward", rounds.Select(round => round.Forward));
            Line("student's step, answers given", rounds.Select(round => round.Step));
            Line("KD step, teacher asked", rounds.Select(round => round.Live));
            Line("KD step, teacher cached (float16)", rounds.Select(round => round.Cached));
            Line("writing the cache", rounds.Select(round => round.Written));
            Console.WriteLine();
            Ratio("cached step's gain / ceiling (goal ≥ 0.9)", rounds.Select(round => round.Live / round.Cached / ((round.Forward + round.Step) / round.Step)));
            Ratio("writing / bare forward (goal ≤ 1.05)", rounds.Select(round => round.Written / round.Forward));
            foreach (var codec in (CodecOptions[])[new Float32Options(), new Float16Options(), new TopKOptions()]) Hit(work, codec);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Line(string what, IEnumerable<double> values) => Console.WriteLine(FormattableString.Invariant($"| {what} | {values.Median():F1} |"));

    static void Ratio(string what, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        Console.WriteLine(FormattableString.Invariant($"{what}: {sorted.Median():F3} ({sorted[0]:F3}–{sorted[^1]:F3})"));
    }

    static void Hit(Work work, CodecOptions codec)
    {
        using var cache = work.Cache(codec, "hit");
        var batches = Enumerable.Range(0, 8).Select(work.Batch).ToList();
        var samples = new List<double>();
        for (var i = 0; i < HitRounds; i++)
        {
            using var scope = torch.NewDisposeScope();
            var since = Stopwatch.GetTimestamp();
            cache.Forward(batches[i % 8], Output.Logits);
            samples.Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds / Batch);
        }
        Console.WriteLine(FormattableString.Invariant(
            $"a hit, {codec.GetType().Name.Replace("Options", "", StringComparison.Ordinal).ToLowerInvariant()}: {samples.Skip(HitRounds / 4).Median():F2} µs a sample (goal < 20 at float16), {cache.Errors[0].Largest:g2} logits' largest error, {cache.Errors[0].Kl:g2} nats"));
    }

    sealed record Figures(double Forward, double Step, double Live, double Cached, double Written);

    sealed class Work : IDisposable
    {
        readonly string _folder;
        readonly Noise _data = new();
        readonly NetworkTeacher _teacher;
        readonly Network _student;
        readonly Optimizer _optimizer;
        readonly SoftTargets _method = new(new());
        readonly CachedTeacher _cache;
        readonly HostBatch _prepared = new();

        public Work(string folder)
        {
            _folder = folder;
            torch.manual_seed(1);
            var teacher = ModuleFactory.Create(() => new ResNetOptions { Depth = 32, Widths = [32, 64, 128, 256] }.Build(_data.Info));
            _student = ModuleFactory.Create(() => new ResNetOptions { Depth = 8, Widths = [32, 64, 128, 256] }.Build(_data.Info));
            teacher.ToMemoryFormat(teacher.PreferredFormat);
            _student.ToMemoryFormat(_student.PreferredFormat);
            _teacher = new(teacher, owns: true);
            _student.train();
            _optimizer = new SgdOptions { Nesterov = true }.Build([.. _student.named_parameters().Select(pair => (pair.name, pair.parameter))]);
            _cache = Cache(new Float16Options(), "steps");
        }

        public CachedTeacher Cache(CodecOptions codec, string name)
        {
            var job = Job(codec, name);
            new CacheWriter(_teacher, job).Fill();
            return CachedTeacher.Open(job.Folder, job.Identity, codec);
        }

        public Batch Batch(int number)
        {
            _data.Load([.. Enumerable.Range(0, CacheCost.Batch).Select(i => (number * 97 + i * 37) % Examples)], new(1, 0), _prepared);
            return _prepared.ToBatch();
        }

        public void Warm()
        {
            using var scope = torch.NewDisposeScope();
            Batch(0);                                                          // what every step below is taken with
            Timed(2, () => Step(_teacher));
            Timed(2, () => Step(_cache));
        }

        public Figures Round(int number)
        {
            using var scope = torch.NewDisposeScope();
            using var given = new Given(_cache, Batch(0));
            var forward = Timed(Examples / CacheCost.Batch, Forward);
            var step = Timed(StepsARound, () => Step(given));
            var live = Timed(StepsARound, () => Step(_teacher));
            var cached = Timed(StepsARound, () => Step(_cache));
            var job = Job(new Float16Options(), $"round{number}");
            var written = Timed(1, () => new CacheWriter(_teacher, job).Fill()) * CacheCost.Batch / Examples;
            return new(forward, step, live, cached, written);
        }

        CacheSpec Job(CodecOptions codec, string name) => new()
        {
            Folder = Path.Combine(_folder, name + codec.GetType().Name), Codec = codec, Data = _data, Batch = CacheCost.Batch,
            Identity = new()
            {
                Teacher = "resnet32x4", Normalization = "none", Augmentation = "[]", Views = 1, ViewSeed = 0, Data = "noise", Examples = Examples,
                Codec = codec switch { Float32Options => "float32", Float16Options => "float16", TopKOptions top => $"top-k {top.K}", _ => throw new ArgumentException(codec.ToString(), nameof(codec)) },
                Inputs = CacheIdentity.InputsOf(_data.Info), Outputs = [new("logits", [100])],
            },
        };

        static double Timed(int times, Action action)
        {
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < times; i++) action();
            return Stopwatch.GetElapsedTime(since).TotalMilliseconds / times;
        }

        void Forward()
        {
            using var scope = torch.NewDisposeScope();
            _teacher.Forward(_prepared.ToBatch(), Output.Logits);
        }

        void Step(ITeacher teacher)
        {
            using var scope = torch.NewDisposeScope();
            _optimizer.ZeroGrad();
            var batch = _prepared.ToBatch();
            var lesson = teacher.Forward(batch, Output.Logits);
            var answer = _student.Forward(batch.Inputs, Output.Logits);
            _method.Compute(batch, lesson, answer).Total.backward();
            _optimizer.Step(0.01);
        }

        public void Dispose()
        {
            _cache.Dispose();
            _optimizer.Dispose();
            _student.Dispose();
            _teacher.Dispose();
        }
    }

    /// <summary>Answers that cost nothing: the ceiling.</summary>
    sealed class Given(ITeacher teacher, Batch batch) : ITeacher
    {
        readonly Tensor _logits = teacher.Forward(batch, Output.Logits).Logits;

        public OutputSet AvailableOutputs => Output.Logits;
        public Outputs Forward(Batch asked, OutputSet wanted) => new() { Logits = _logits.alias() };
        public string Fingerprint() => teacher.Fingerprint();
        public void Dispose() => _logits.Dispose();
    }

    /// <summary>Pictures of noise, 3 × 32 × 32.</summary>
    sealed class Noise : IDataSplit
    {
        readonly float[] _pixels = new float[Examples * 3072];

        public Noise()
        {
            var chance = new RandomStream(1, StreamKey.Data);
            foreach (ref var value in _pixels.AsSpan()) value = (float)chance.Normal();
        }

        public int Count => Examples;
        public int? Views => 1;
        public DatasetInfo Info { get; } = new()
        {
            Classes = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
            Inputs = [TensorSpec.Float32("pixel_values", 3, 32, 32)],
        };

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            into.Reset(positions.Length);
            into.ViewIndex = 0;
            var pixels = into.Float32("pixel_values", [3, 32, 32]);
            for (var i = 0; i < positions.Length; i++)
            {
                _pixels.AsSpan(positions[i] * 3072, 3072).CopyTo(pixels[(i * 3072)..]);
                (into.Labels[i], into.Ids[i]) = (positions[i] % 100, positions[i]);
            }
        }
    }
}
