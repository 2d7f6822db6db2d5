using Retort.Report;
using System.Diagnostics;
using Retort.Data;
using Retort.Data.Augmentation;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Training;

namespace Retort.Tests.Recipes;

/// <summary>Whole runs whose teacher's answers are kept.</summary>
public sealed class CachedRunTests
{
    static Recipe Plain { get; } = TestRuns.Recipe(seeds: 2, threads: 1) with
    {
        Data = new IdxOptions
        {
            Path = Shipped, MaxExamples = 192, Validation = 100,
            Augmentation = [new CropOptions { Pad = 2 }, new FlipOptions()], Views = 2,
        },
        Training = new() { Epochs = 5, BatchSize = 32 },
    };

    static string Shipped => DataFiles.Shipped("fashion-mnist-12k");

    [Fact]
    public void Outputs_cached_as_float32_train_the_same_weights_as_the_teacher_itself()
    {
        var (live, cached) = (TestRuns.Folder(), TestRuns.Folder());
        Experiment.Run(Plain, new() { Folder = live, Jobs = 1, Cores = 2 });
        Experiment.Run(
            Cached(Plain, new Float32Options()),
            new() { Folder = cached, Jobs = 2, Cores = 2, Child = run => new(TestRuns.Program, ["work", run]) });
        foreach (var part in (string[])["student-seed1", "student-seed2", "control-seed1"])
            Assert.Equal(File.ReadAllBytes(Weights(live, part)), File.ReadAllBytes(Weights(cached, part)));
        Assert.Equal(
            TestRuns.Card(live, "student-seed1").TeacherHash, TestRuns.Card(cached, "student-seed1").TeacherHash);

        var card = CacheManifest.Read(Path.Combine(cached, "cache.json"));
        Assert.Equal((192, 2, "float32"), (card.Identity.Examples, card.Identity.Views, card.Identity.Codec));
        Assert.Equal(384, Assert.Single(card.Errors).Examples);
        Assert.Equal(2 * 5, card.Forecast!.Passes);
        Assert.Contains(
            "| Teacher's outputs | cached: float32",
            File.ReadAllText(Path.Combine(cached, "report.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_beside_the_first_asks_the_teacher_only_for_the_records_it_checks()
    {
        var teacher = Path.Combine(Few.Folder(), "t.safetensors");
        using (var network = Few.Network(16, seed: 77))
            Retort.Tensors.Files.SafeTensors.Write(teacher, network.state_dict());
        var recipe = Cached(
            TestRuns.Recipe() with
            {
                Teacher = new CheckpointTeacherOptions { Path = teacher, Network = new MlpOptions { Hidden = [16] } },
            },
            new Float16Options());
        var run = TestRuns.Folder();
        var (first, second) = (new Notes(), new Notes());
        Experiment.Run(recipe, new() { Folder = run }, first);
        Experiment.Run(recipe, new() { Folder = run + "-2" }, second);
        const int announcements = 2;
        Assert.Equal(announcements + 2, first.All.Count);
        Assert.Contains("to write; pays from pass", first.All[announcements], StringComparison.Ordinal);
        Assert.Contains(
            "32 records agree with the teacher.",
            Assert.Single(second.All.Skip(announcements)),
            StringComparison.Ordinal);
        TestRuns.AssertAlike(run, run + "-2");
    }

    [Fact]
    public void Pictures_that_never_come_again_are_refused_before_anything_is_trained()
    {
        var folder = TestRuns.Folder();
        Refused("give data.views (4 is a good beginning)", (IdxOptions)Plain.Source with { Views = null });
        Refused(
            "Leave mixup out, or the cache.",
            (IdxOptions)Plain.Source with { Views = null, Augmentation = [new MixupOptions()] });
        Assert.False(Directory.Exists(folder));

        void Refused(string sentence, DataOptions data) => Assert.Contains(
            sentence,
            Assert.Throws<InvalidOperationException>(() => Experiment.Run(
                Cached(Plain, new Float16Options()) with { Data = data }, new() { Folder = folder })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_another_teacher_is_refused_with_what_differs()
    {
        var (run, path) = (TestRuns.Folder(), Path.Combine(Few.Folder(), "answers"));
        Recipe Of(int seed) => Cached(TestRuns.Recipe(), new Float16Options(), path) with
        {
            Teacher = new CachedTeacherOptions
            {
                Path = path,
                Teacher = (TrainedTeacherOptions)TestRuns.Recipe().Teacher! with { Seed = seed },
            },
        };
        Assert.True(RecipeRunner.Cache(Of(1), new() { Folder = run }, (1, 1)).IsWhole);
        var error =
            Assert.Throws<InvalidDataException>(() => RecipeRunner.Cache(Of(2), new() { Folder = run + "-2" }, (1, 1)));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("of another", error.Message, StringComparison.Ordinal);
    }

    [Fact] // one view of augmented pictures is not the pictures as they are
    public void One_view_of_augmented_pictures_is_another_cache_than_the_pictures_themselves()
    {
        var (path, data) = (Path.Combine(Few.Folder(), "answers"), (IdxOptions)Plain.Source with { Views = 1 });
        var recipe = Given(Plain with { Data = data }, path);
        RecipeRunner.Cache(recipe, new() { Folder = TestRuns.Folder() }, (1, 1));
        var error = Assert.Throws<InvalidDataException>(() => RecipeRunner.Cache(
            recipe with { Data = data with { Views = null, Augmentation = [] } },
            new() { Folder = TestRuns.Folder() },
            (1, 1)));
        Assert.Contains("its augmentation is [{\"name\":\"crop\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("and [] is wanted", error.Message, StringComparison.Ordinal);
    }

    [Fact] // two numbers per column in the normalization: more than a header may hold
    public void A_table_of_many_columns_has_a_cache_that_is_read_again()
    {
        var (table, path) = (Path.Combine(Few.Folder(), "wide.csv"), Path.Combine(Few.Folder(), "answers"));
        File.WriteAllLines(
            table,
            Enumerable.Range(0, 12)
                .Select(i => string.Join(',', Enumerable.Range(0, 26_000).Select(d => (i * 7 + d) % 13))
                    + (i % 2 == 0 ? ",even" : ",odd")));
        var recipe = Given(
            Plain with { Data = new CsvOptions { Path = table, Test = 2, Validation = 2 } }, path, hidden: 1);
        var card = RecipeRunner.Cache(recipe, new() { Folder = TestRuns.Folder() }, (1, 1)).Manifest;
        Assert.InRange(card.Identity.Normalization.Length, 1, 4000);
        Assert.True(RecipeRunner.Cache(recipe, new() { Folder = TestRuns.Folder() }, (1, 1)).IsWhole);
    }

    [Fact]
    public async Task A_second_writer_waits_while_another_process_trains_the_teacher()
    {
        var (run, recipe, notes) = (TestRuns.Folder(), Cached(TestRuns.Recipe(), new Float16Options()), new Notes());
        using var stop = new CancellationTokenSource();
        using var step = new Held();
        var first = Task.Run(
            () => RecipeRunner.Cache(recipe, new() { Folder = run }, (1, 2), step), CancellationToken.None);
        step.Reached.Wait(TestContext.Current.CancellationToken);
        var second = Task.Run(
            () => RecipeRunner.Cache(recipe, new() { Folder = run }, (2, 2), notes, stop.Token),
            CancellationToken.None);
        while (notes.All.Count == 0 && !second.IsCompleted)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => second);
        step.Released.Set();
        await first;
        Assert.Equal(
            "Another process works on teacher: this one waits until that is done.", Assert.Single(notes.All));
        Assert.True(RecipeRunner.Cache(recipe, new() { Folder = run }, (1, 1)).IsWhole);
    }

    [Fact]
    public void A_recipe_without_a_cached_teacher_has_no_cache_to_fill()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => RecipeRunner.Cache(TestRuns.Recipe(), new() { Folder = TestRuns.Folder() }, (1, 1)));
        Assert.Contains("The teacher of small is not cached", error.Message, StringComparison.Ordinal);
    }

    // holds a training at its first step
    sealed class Held : IProgress<TrainingProgress>, IDisposable
    {
        public ManualResetEventSlim Reached { get; } = new();
        public ManualResetEventSlim Released { get; } = new();

        public void Report(TrainingProgress value)
        {
            Reached.Set();
            Released.Wait();
        }

        public void Dispose()
        {
            Reached.Dispose();
            Released.Dispose();
        }
    }

    static Recipe Cached(Recipe recipe, CodecOptions codec, string? path = null) =>
        recipe with { Teacher = new CachedTeacherOptions { Teacher = recipe.Teacher!, Codec = codec, Path = path } };

    /// <summary>The same with a teacher from a file, its weights of the data's sizes.</summary>
    static Recipe Given(Recipe recipe, string path, int hidden = 8)
    {
        var (network, file) = (new MlpOptions { Hidden = [hidden] }, Path.Combine(Few.Folder(), "t.safetensors"));
        using (var made = ModuleFactory.Create(() => network.Build(recipe.Source.Open().Info)))
            Retort.Tensors.Files.SafeTensors.Write(file, made.state_dict());
        return Cached(
            recipe with { Teacher = new CheckpointTeacherOptions { Path = file, Network = network } },
            new Float16Options(), path);
    }

    static string Weights(string run, string part) => Path.Combine(run, "networks", part, "last.safetensors");

    sealed class Notes : IProgress<TrainingProgress>
    {
        public List<string> All { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (value.Note is { } note) All.Add(note);
        }
    }
}
