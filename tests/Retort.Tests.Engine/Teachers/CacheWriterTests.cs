using Retort.Data;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Tests.Contract;

namespace Retort.Tests.Teachers;

/// <summary>Several writers, writers that die, and what they leave.</summary>
public sealed class CacheWriterTests
{
    [Fact] // 64 examples × 3 views in batches of 16: 192 examples are asked about, and never one of them twice
    public void The_teacher_runs_once_for_each_example_and_view()
    {
        using var teacher = new Heard(Few.Teacher());
        var (job, told) = (Caches.Job(), new Told());
        new CacheWriter(teacher, job with { Progress = told }).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(192, teacher.Examples);
        Assert.Equal([0L, 64, 128, 192], told.All.Select(progress => progress.Done));
        Assert.All(told.All, progress => Assert.Equal(192, progress.All));
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(192, teacher.Examples);
        Assert.Equal(3, Directory.GetFiles(job.Folder).Length);
    }

    [Fact] // 1,300 examples in two views: shards of 512, 512 and 276
    public void Shares_of_several_writers_put_into_one_folder_are_the_cache_that_one_writer_makes()
    {
        var data = new Shifted(new ToyOptions { Examples = 1300 }.Open().Training, 2);
        using var teacher = Few.Teacher();
        CacheSpec Job() => Caches.Job(new Float16Options(), data) with { Batch = 100 };
        var (alone, merged) = (Job(), Job());
        new CacheWriter(teacher, alone).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(6, Caches.Shards(alone).Length);
        for (var writer = 1; writer <= 4; writer++)
        {
            var share = Job() with { Share = (writer, 4) };
            new CacheWriter(teacher, share).Fill(TestContext.Current.CancellationToken);
            foreach (var shard in Caches.Shards(share))
                File.Copy(shard, Path.Combine(merged.Folder, Path.GetFileName(shard)));
        }
        Caches.Opened(merged).Dispose();
        foreach (var (one, other) in Caches.Shards(alone).Zip(Caches.Shards(merged)))
            Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(other));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CacheWriter(teacher, Job() with { Share = (5, 4) }));
    }

    [Fact]
    public void Two_writers_in_one_folder_share_the_work_and_both_end_when_all_is_there()
    {
        var data = new Shifted(Few.Data.Training, 6);
        var job = Caches.Job(data: data);
        Heard[] teachers = [.. Enumerable.Range(0, 2).Select(_ => new Heard(Few.Teacher(), _ => Thread.Sleep(5)))];
        var token = TestContext.Current.CancellationToken;
        Thread[] writers = [.. teachers.Select(teacher => new Thread(() => new CacheWriter(teacher, job).Fill(token)))];
        foreach (var writer in writers) writer.Start();
        foreach (var writer in writers) writer.Join();
        Assert.Equal(64 * 6, teachers.Sum(teacher => teacher.Examples));
        Assert.All(teachers, teacher => Assert.InRange(teacher.Examples, 64, 64 * 5));
        Caches.Opened(job).Dispose();
        Assert.Equal(6, Directory.GetFiles(job.Folder).Length);
        foreach (var teacher in teachers) teacher.Dispose();
    }

    [Fact]
    public void Stopped_within_a_shard_it_keeps_the_others_and_goes_on_from_there_with_the_same_bits()
    {
        using var stop = new CancellationTokenSource();
        var (whole, job) = (Caches.Filled(), Caches.Job());
        using (var teacher = new Heard(Few.Teacher(), asked => { if (asked == 80) stop.Cancel(); }))
            Assert.Throws<OperationCanceledException>(() => new CacheWriter(teacher, job).Fill(stop.Token));
        Assert.Single(Directory.GetFiles(job.Folder));
        using var again = new Heard(Few.Teacher());
        new CacheWriter(again, job).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(128, again.Examples);
        foreach (var (one, other) in Caches.Shards(whole).Zip(Caches.Shards(job)))
            Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(other));
    }

    [Fact]
    public void What_a_killed_writer_leaves_is_swept_and_never_taken_for_a_shard()
    {
        var job = Caches.Job();
        Directory.CreateDirectory(job.Folder);
        var shard = Path.Combine(job.Folder, "view000-00000.shard");
        File.WriteAllText(shard + ".claim", "");
        File.WriteAllText(shard + ".17.abc.draft", "half of a sh");
        using var teacher = Few.Teacher();
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(Caches.Shards(job), Directory.GetFiles(job.Folder).Order(StringComparer.Ordinal));
        Caches.Opened(job).Dispose();
    }

    // killed at the card, at the stored batch, between the renaming of a shard and the end of
    // its claim; another is at work on a card
    [Fact]
    public void What_killed_writers_leave_of_other_files_is_swept_and_what_one_is_at_work_on_is_not()
    {
        var job = Caches.Filled();
        var shard = Caches.Shards(job)[0];
        string In(string name) => Path.Combine(job.Folder, name);
        foreach (var left in (string[])
        [
            In("card.json.17.abc.draft"), In("probe.safetensors.17.abc.draft"), In("other.json.18.abc.draft"),
            shard + ".claim",
        ])
            File.WriteAllText(left, "");
        using var teacher = Few.Teacher();
        using (Retort.Teachers.Cache.CacheFileLock.Take(In("mine.json")))
        {
            File.WriteAllText(In("mine.json.19.abc.draft"), "");
            new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
            Assert.Equal(
                [In("mine.json.19.abc.draft"), In("mine.json.claim"), .. Caches.Shards(job)],
                Directory.GetFiles(job.Folder).Order(StringComparer.Ordinal));
        }
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        Assert.Equal(Caches.Shards(job), Directory.GetFiles(job.Folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_one_sentence_and_a_complete_cache_in_one_is_used()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("Needs a folder that this process may not write to.");
            return;
        }
        var (empty, full) = (Caches.Job(), Caches.Filled());
        using var teacher = Few.Teacher();
        foreach (var job in (CacheSpec[])[empty, full])
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(job.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var error = Assert.Throws<FileWriteException>(
            () => new CacheWriter(teacher, empty).Fill(TestContext.Current.CancellationToken));
        Assert.Contains(
            "view000-00000.shard cannot be written: writing there is not allowed.",
            error.Message,
            StringComparison.Ordinal);
        new CacheWriter(teacher, full).Fill(TestContext.Current.CancellationToken);
        TeacherCheck.Probe(teacher, full);                                    // none is stored, and none can be
        CacheManifest.Of(full).WriteBesideShards(Path.Combine(full.Folder, "card.json"));
        TeacherCheck.Records(teacher, full, count: 8, draw: 1);
        Assert.Equal(Caches.Shards(full), Directory.GetFiles(full.Folder).Order(StringComparer.Ordinal));
        Caches.Opened(full).Dispose();
    }

    [Fact]
    public void Drafts_of_the_probe_and_the_card_are_swept_too()
    {
        var job = Caches.Filled();
        foreach (var name in (string[])["probe.safetensors", "card.json"])
            File.WriteAllText(Path.Combine(job.Folder, name + ".17.abc.draft"), "half of");
        using var teacher = Few.Teacher();
        TeacherCheck.Probe(teacher, job);
        CacheManifest.Of(job).WriteBesideShards(Path.Combine(job.Folder, "card.json"));
        Assert.Empty(Directory.GetFiles(job.Folder, "*.draft"));
        Assert.Empty(Directory.GetFiles(job.Folder, "*.claim"));
        Assert.Equal(5, Directory.GetFiles(job.Folder).Length);
    }

    // shards of about a 256th, at least 512 examples and at most 64 MB; all places together are each example once
    [Theory]
    [InlineData(64, 3, 20, 3)]
    [InlineData(50_000, 4, 24, 4 * 49)]
    [InlineData(1_281_167, 1, 2004, 1_281_167 / 5120 + 1)]
    [InlineData(1_000_000, 1, 4_000_000, 62_500)]
    public void The_plan_covers_every_example_of_every_view_once(int examples, int views, int bytes, int shards)
    {
        var plan = new ShardPlan(examples, views, bytes);
        Assert.Equal(shards, plan.Count);
        Assert.InRange((long)plan.PerShard * bytes, 1, 64_000_000);
        var places = Enumerable.Range(1, 3).SelectMany(writer => plan.Share(writer, 3)).ToList();
        Assert.Equal(plan.Count, places.Select(plan.Index).Distinct().Count());
        Assert.Equal((long)examples * views, places.Sum(place => (long)place.Count));
        Assert.All(
            places.Take(100),
            place => Assert.Equal(plan.Index(place), plan.Index(place.View, place.First + place.Count - 1)));
    }

    sealed class Told : IProgress<CacheProgress>
    {
        public List<CacheProgress> All { get; } = [];
        public void Report(CacheProgress value) => All.Add(value);
    }
}
