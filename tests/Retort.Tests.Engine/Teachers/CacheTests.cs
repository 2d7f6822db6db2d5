using Retort.Data;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>What a cache answers, to whom, and what it says when it cannot.</summary>
public sealed class CacheTests
{
    [Fact]
    public void Cached_outputs_are_those_of_the_teacher_for_each_example_and_view_in_any_batch()
    {
        using var scope = torch.NewDisposeScope();
        using var cache = Caches.Opened(Caches.Filled());
        using var teacher = Few.Teacher();
        foreach (var view in (int[])[0, 1, 2])
        {
            var batch = Caches.Batch(
                Caches.Data, new(9, view), 63, 0, 5, 5, 17, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
            Assert.Equal(
                teacher.Forward(batch, Output.Logits).Logits.ToFloatArray(),
                cache.Forward(batch, Output.Logits).Logits.ToFloatArray());
        }
        Assert.Equal(Output.Logits, cache.AvailableOutputs);
        Assert.Equal(64 * 3, cache.Errors.Single().Examples);
    }

    [Fact] // float16 loses at most what it states; the teacher's embedding comes along in its own shape
    public void Every_requested_output_is_cached()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = Few.Teacher();
        var job = Caches.Job(new Float16Options());
        job = job with
        {
            Identity = job.Identity with
            {
                Outputs = [new("logits", [4]), new("embedding", [16]), new("hidden_states.0", [16])],
            },
        };
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        using var cache = Caches.Opened(job);
        var batch = Caches.Batch(Caches.Data, new(1, 1), 7, 3);
        var all = Output.Logits | Output.Embedding | Output.HiddenStates;
        var (live, kept) = (teacher.Forward(batch, all), cache.Forward(batch, all));
        foreach (var (name, one, other) in new[]
        {
            ("logits", live.Logits, kept.Logits),
            ("embedding", live.Embedding, kept.Embedding),
            ("hidden_states.0", live.HiddenStates[0], kept.HiddenStates[0]),
        })
        {
            Assert.Equal(one.shape, other.shape);
            var stated = cache.Errors.Single(error => error.Output == name).Largest;
            Assert.All(
                one.ToFloatArray().Zip(other.ToFloatArray()),
                pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, stated + 1e-5));
        }
        Assert.Throws<InvalidOperationException>(() => cache.Forward(batch, Output.Logits).Embedding);
    }

    [Fact]
    public void Examples_that_are_not_cached_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var cache = Caches.Opened(Caches.Filled());
        var wider = new Shifted(new ToyOptions { Examples = 70 }.Open().Training, 5);
        Refused("drawn once and never again", Caches.Batch(Caches.Data, View.Plain, 1));
        Refused("the batch has view 4", Caches.Batch(wider, new(1, 4), 1));
        Refused("no outputs for example 69", Caches.Batch(wider, new(1, 0), 69));
        var plain = Caches.Batch(Caches.Data, new(1, 0), 1);
        Refused("mixed with each other", new()
        {
            Inputs = plain.Inputs, Labels = plain.Labels, Labelled = 1, Ids = plain.Ids, ViewIndex = 0,
            OtherLabels = plain.Labels, LabelShare = 0.5,
        });

        void Refused(string sentence, Batch batch) =>
            Assert.Contains(
                sentence, Assert.Throws<InvalidOperationException>(() => cache.Forward(batch, Output.Logits)).Message,
                StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Others => new()
    {
        { "teacher", "its teacher is mlp 77, and mlp 78 is wanted" },
        { "data", "its data's hash is few, and many is wanted" },
        { "normalization", "its normalization is none" }, { "augmentation", "its augmentation is shifted" },
        { "views", "its number of views is 3, and 4 is wanted" },
        { "seed", "its seed of the views is 0, and 1 is wanted" },
        { "codec", "its codec is float32, and float16 is wanted" },
        { "signals", "its list of outputs is logits [4], and logits [5] is wanted" },
    };

    [Theory, MemberData(nameof(Others))]
    public void A_cache_of_anything_else_is_refused_with_what_differs(string what, string sentence)
    {
        var job = Caches.Filled();
        var identity = what switch
        {
            "teacher" => job.Identity with { Teacher = "mlp 78" }, "data" => job.Identity with { Data = "many" },
            "normalization" => job.Identity with { Normalization = "other" },
            "augmentation" => job.Identity with { Augmentation = "turned" },
            "views" => job.Identity with { Views = 4 }, "seed" => job.Identity with { ViewSeed = 1 },
            "codec" => job.Identity with { Codec = "float16" },
            _ => job.Identity with { Outputs = [new("logits", [5])] },
        };
        Assert.NotEqual(job.Identity.Fingerprint(), identity.Fingerprint());
        var error = Assert.Throws<InvalidDataException>(
            () => CachedTeacher.Open(job.Folder, identity, what == "codec" ? new Float16Options() : job.Codec));
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(job.Folder, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_counts_the_missing_shards()
    {
        var job = Caches.Filled();
        File.Delete(Caches.Shards(job)[1]);
        var error = Assert.Throws<InvalidOperationException>(() => Caches.Opened(job));
        Assert.Contains("has 2 of its 3 shards", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicates_agree_or_are_refused()
    {
        var (job, other) = (Caches.Filled(), Caches.Job());
        var copy = Path.Combine(job.Folder, "copied from elsewhere.shard");
        File.Copy(Caches.Shards(job)[0], copy);
        Caches.Opened(job).Dispose();
        using (var teacher = new FrozenNetworkOf(seed: 78))
            new CacheWriter(teacher.Teacher, other).Fill(TestContext.Current.CancellationToken);
        File.Copy(Caches.Shards(other)[0], copy, overwrite: true);
        var error = Assert.Throws<InvalidDataException>(() => Caches.Opened(job));
        Assert.Contains(
            "contradict each other: the logits of example 0, view 0,", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cached_records_are_compared_with_the_current_teacher()
    {
        foreach (var codec in (CodecOptions[])[new Float32Options(), new Float16Options(), new TopKOptions { K = 2 }])
        {
            var job = Caches.Filled(codec);
            using var teacher = Few.Teacher();
            using var other = new FrozenNetworkOf(seed: 78);
            TeacherCheck.Records(teacher, job, count: 32, draw: 5);
            var error =
                Assert.Throws<InvalidDataException>(() => TeacherCheck.Records(other.Teacher, job, count: 32, draw: 5));
            Assert.Contains("is not of this teacher: its logits for example", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stored_batch_reveals_another_teacher_before_anything_is_written()
    {
        var job = Caches.Job();
        using var teacher = Few.Teacher();
        using var other = new FrozenNetworkOf(seed: 78);
        TeacherCheck.Probe(teacher, job);
        TeacherCheck.Probe(teacher, job);
        var error = Assert.Throws<InvalidDataException>(() => TeacherCheck.Probe(other.Teacher, job));
        Assert.Contains("was begun with another teacher", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(
            Path.Combine(job.Folder, "probe.safetensors"),
            File.ReadAllBytes(Path.Combine(job.Folder, "probe.safetensors"))[..300]);
        Assert.Throws<InvalidDataException>(() => TeacherCheck.Probe(teacher, job));
    }

    [Fact] // 16 bytes of logits and 4 of checksum and 4 of id: 24 · 64 · 3 = 4608 bytes
    public void The_forecast_counts_bytes_and_when_it_pays()
    {
        using var teacher = Few.Teacher();
        var forecast = new CacheWriter(teacher, Caches.Job() with { Passes = 10 }).Forecast()!;
        Assert.Equal((4608, 4608, 192), (forecast.Bytes, forecast.BytesToWrite, forecast.AnswersToWrite));
        Assert.True(forecast.TeacherSeconds > 0 && forecast.FreeBytes > 0);
        Assert.Null(new CacheWriter(teacher, Caches.Filled()).Forecast());

        // 3 views written in 3 N t; e N (t − r) > 3 N t with t = 10 ms, r = 0.1 ms: e > 3.03, so the fourth pass
        var known = forecast with { TeacherSeconds = 0.010, ReadSeconds = 0.0001 };
        Assert.Equal(4, known.PaysAtPass);
        Assert.Contains("64 examples × 3 views: 4.6 kB", known.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "about 1.9 s to write; pays from pass 4 over the data on, counted over all students; this run has 10",
            known.ToString(),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "this run has 3, so only later runs gain by it",
            (known with { Passes = 3 }).ToString(),
            StringComparison.Ordinal);
        Assert.Null((known with { ReadSeconds = 0.011 }).PaysAtPass);
    }

    [Fact] // the tail of top-k is off by as much as classes differ, the kept logits by nothing: those must agree
    public void Duplicates_agree_in_what_both_keep_however_much_the_tail_has_lost()
    {
        var (job, other) = (Caches.Filled(new TopKOptions { K = 2 }), Caches.Job(new TopKOptions { K = 2 }));
        Assert.True(Caches.Opened(job) is var cache && cache.Errors.Single() is { LargestKept: 0, Largest: > 0.01 });
        cache.Dispose();
        using (var teacher = new Bent(Few.Teacher()))
            new CacheWriter(teacher, other).Fill(TestContext.Current.CancellationToken);
        File.Copy(Caches.Shards(other)[0], Path.Combine(job.Folder, "copied.shard"));
        Assert.Contains(
            "contradict each other",
            Assert.Throws<InvalidDataException>(() => Caches.Opened(job)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_cache_that_is_not_complete_the_records_that_are_there_are_checked()
    {
        var job = Caches.Filled();
        foreach (var shard in Caches.Shards(job)[1..]) File.Delete(shard);
        using var teacher = Few.Teacher();
        using var other = new FrozenNetworkOf(seed: 78);
        TeacherCheck.Records(teacher, job, count: 32, draw: 5);
        var error =
            Assert.Throws<InvalidDataException>(() => TeacherCheck.Records(other.Teacher, job, count: 32, draw: 5));
        Assert.Contains("is not of this teacher", error.Message, StringComparison.Ordinal);
        TeacherCheck.Records(other.Teacher, Caches.Job(), count: 32, draw: 5);
    }

    [Fact] // a clock that goes on by a millisecond each time it is looked at: 200 readings in one of them, 5 µs each
    public void The_forecast_is_timed_by_the_jobs_clock()
    {
        using var teacher = Few.Teacher();
        var forecast = new CacheWriter(teacher, Caches.Job() with { Clock = new Stepping() }).Forecast()!;
        Assert.Equal(5e-6, forecast.ReadSeconds, 1e-12);
    }

    [Fact]
    public void An_answer_that_is_no_number_is_not_kept()
    {
        using var teacher = new FrozenNetworkOf(seed: 77);
        using (torch.no_grad()) teacher.Network.parameters().First().fill_(float.NaN);
        var error = Assert.Throws<InvalidOperationException>(
            () => new CacheWriter(teacher.Teacher, Caches.Job()).Fill(TestContext.Current.CancellationToken));
        Assert.Contains("for example 0 are not finite", error.Message, StringComparison.Ordinal);
    }

    [Fact] // what a batch allocates does not grow with its size: 16 and 64 examples cost the same few objects
    public void A_hit_allocates_nothing()
    {
        using var cache = Caches.Opened(Caches.Filled(new Float16Options()));
        Assert.InRange(Bytes(64) - Bytes(16), -64, 64);

        long Bytes(int count)
        {
            using var scope = torch.NewDisposeScope();
            var batch = Caches.Batch(Caches.Data, new(1, 0), [.. Enumerable.Range(0, count)]);
            cache.Forward(batch, Output.Logits);
            var before = GC.GetAllocatedBytesForCurrentThread();
            cache.Forward(batch, Output.Logits);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>Another teacher of the same kind.</summary>
    sealed class FrozenNetworkOf : IDisposable
    {
        public FrozenNetworkOf(int seed)
        {
            Network = Few.Network(16, seed);
            Teacher = new(Network, owns: true);
        }

        public Network Network { get; }
        public NetworkTeacher Teacher { get; }
        public void Dispose() => Teacher.Dispose();
    }

    /// <summary>Every logit a little larger.</summary>
    sealed class Bent(ITeacher teacher) : ITeacher
    {
        public OutputSet AvailableOutputs => Output.Logits;
        public Outputs Forward(Batch batch, OutputSet wanted) =>
            new() { Logits = teacher.Forward(batch, wanted).Logits.Add(torch.tensor(0.005f)) };
        public string Fingerprint() => teacher.Fingerprint();
        public void Dispose() => teacher.Dispose();
    }

    sealed class Stepping : TimeProvider
    {
        long _now;
        public override long TimestampFrequency => 1000;
        public override long GetTimestamp() => _now++;
    }
}
