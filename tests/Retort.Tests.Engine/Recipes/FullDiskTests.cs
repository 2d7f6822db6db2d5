using Retort.Report;
using Retort.Runs;
using Retort.Export;
using Retort.Recipes;
using Retort.Teachers.Cache;
using Retort.Tensors.Files;
using Retort.Tests.Cli;
using Retort.Tests.Contract;
using Retort.Tests.Teachers;

namespace Retort.Tests.Recipes;

/// <summary>Runs, caches and exports on a disk that is too small, or that can only be read.</summary>
public sealed class FullDiskTests
{
    // an empty run has 3 kB and its teacher's checkpoint over 200 kB: the first is refused at once, the second later
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task A_run_ends_with_one_sentence_and_goes_on_when_there_is_room(int pagesLeft)
    {
        var (whole, file) = (TestRuns.Folder(), TestRuns.File(TestRuns.Recipe() with { Threads = 1 }));
        using var disk = SmallDisk.Mounted(megabytes: 1);
        var run = Path.Combine(disk.Path, "run");
        var filling = disk.FillUpTo(pagesLeft);
        var (code, output, error) = await ToolTests.Call("run", file, "--out", run, "--jobs", "1", "--quiet");
        Assert.Equal((1, ""), (code, output));
        Assert.Matches($"^{run}/[^ ]+ cannot be written: the disk is full\\.\n$", error);
        Assert.Empty(Drafts(disk));
        Assert.False(File.Exists(Path.Combine(run, "results.json")));

        File.Delete(filling);
        disk.Grow(megabytes: 8);
        var again = await ToolTests.Call("run", file, "--out", run, "--jobs", "1", "--quiet", "--resume");
        Assert.Equal((0, ""), (again.Code, again.Error));
        Experiment.Run(Recipe.Read(file), new() { Folder = whole });
        TestRuns.AssertAlike(whole, run);
    }

    // a shard takes a page, and while it is written the claim to it another; three are wanted. What the disk cannot
    // hold by far is refused before anything is asked
    [Fact]
    public void A_cache_keeps_the_shards_that_had_room_and_the_others_come_when_there_is_more()
    {
        using var disk = SmallDisk.Mounted(megabytes: 1);
        using var teacher = Few.Teacher();
        var (whole, job) = (Caches.Filled(), Caches.Job(folder: Path.Combine(disk.Path, "answers")));
        Directory.CreateDirectory(job.Folder);
        var filling = disk.FillUpTo(pagesLeft: 1);
        Assert.Contains(
            "and the disk has 4.1 kB left",
            Assert.Throws<IOException>(() => new CacheWriter(teacher, job).Forecast()).Message,
            StringComparison.Ordinal);
        File.Delete(filling);
        filling = disk.FillUpTo(pagesLeft: 2);
        var error = Assert.Throws<FileWriteException>(
            () => new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken));
        Assert.Equal(
            $"{Path.Combine(job.Folder, "view001-00000.shard")} cannot be written: the disk is full.", error.Message);
        Assert.Equal(["view000-00000.shard"], Directory.GetFiles(job.Folder).Select(Path.GetFileName));

        File.Delete(filling);
        new CacheWriter(teacher, job).Fill(TestContext.Current.CancellationToken);
        foreach (var (one, other) in Caches.Shards(whole).Zip(Caches.Shards(job)))
            Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(other));
    }

    [Fact]
    public void An_export_leaves_nothing_and_names_the_file_and_so_where_it_may_not_write()
    {
        var run = Experiment.Run(TestRuns.Recipe() with { Threads = 1 }, new() { Folder = TestRuns.Folder() });
        using var disk = SmallDisk.Mounted(megabytes: 1);
        var target = Path.Combine(disk.Path, "student");
        var filling = disk.FillUpTo(pagesLeft: 2);                          // the graph has 13 kB
        Assert.Equal($"{target}/model.onnx cannot be written: the disk is full.", Refused());
        Assert.Equal([filling], Directory.GetFileSystemEntries(disk.Path));

        disk.OnlyRead();
        Assert.Equal($"The folder {target} cannot be created: choose another --out.", Refused());
        string Refused() =>
            Assert.ThrowsAny<IOException>(() => StudentFolder.Write(run, new() { Folder = target })).Message;
    }

    [Fact] // a mount, since to root a folder's permissions are none
    public async Task On_a_disk_that_can_only_be_read_nothing_is_begun_and_a_complete_cache_is_used()
    {
        using var disk = SmallDisk.Mounted(megabytes: 8);
        var (plain, answers) = (TestRuns.Recipe() with { Threads = 1 }, Path.Combine(disk.Path, "answers"));
        var recipe = plain with
        {
            Teacher = new Retort.Teachers.CachedTeacherOptions { Teacher = plain.Teacher!, Path = answers },
        };
        var (file, begun, whole) = (TestRuns.File(recipe), Path.Combine(disk.Path, "begun"), TestRuns.Folder());
        Experiment.Run(recipe, new() { Folder = whole });                   // fills the cache
        Directory.CreateDirectory(begun);
        disk.OnlyRead();

        Assert.Equal((1, $"The folder {disk.Path}/new cannot be created: choose another --out.\n"), await Run("new"));
        Assert.Equal((1, $"{begun}/lock cannot be written: the disk can only be read.\n"), await Run("begun"));
        var again = TestRuns.Folder();
        Experiment.Run(recipe, new() { Folder = again });
        TestRuns.AssertAlike(whole, again);
        using var teacher = Few.Teacher();
        var error = Assert.Throws<FileWriteException>(
            () => new CacheWriter(teacher, Caches.Job(folder: begun)).Fill(TestContext.Current.CancellationToken));
        Assert.Equal($"{begun}/view000-00000.shard cannot be written: the disk can only be read.", error.Message);

        async Task<(int, string)> Run(string folder)
        {
            var (code, _, said) = await ToolTests.Call(
                "run", file, "--out", Path.Combine(disk.Path, folder), "--jobs", "1", "--quiet");
            return (code, said);
        }
    }

    static IEnumerable<string> Drafts(SmallDisk disk) =>
        Directory.EnumerateFileSystemEntries(disk.Path, "*.draft", SearchOption.AllDirectories);
}
