using Retort.Report;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tasks;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Contract;

/// <summary>
/// What every listed procedure must hold to, whoever adds it; of the tests' own, one that needs a teacher.
/// </summary>
public sealed class ProcedureContract
{
    public static TheoryData<string> Procedures =>
        [.. Few.Shipped(Registry.Methods, typeof(ProcedureOptions)), "proof-continued"];

    // training.learningRate is of their reference on all data alone
    static readonly string[] s_ownStepSizes = ["sldd", "tdd", "real-subset"];

    [Theory, MemberData(nameof(Procedures))]
    public void The_same_seed_gives_the_same_run_and_another_seed_another(string name)
    {
        var (first, second) = (Run(name), Run(name));
        Assert.Equal(Bits(first, "student-seed1"), Bits(second, "student-seed1"));
        Assert.NotEqual(Bits(first, "student-seed1"), Bits(first, "student-seed2"));
    }

    [Theory, MemberData(nameof(Procedures))]
    public void Stopped_in_any_of_its_networks_and_started_again_it_ends_with_the_same_bits(string name)
    {
        var recipe = Recipe(name);
        recipe = recipe with { Training = recipe.Training with { CheckpointSeconds = 0 } };
        var (whole, broken) = (Experiment.Run(recipe, new() { Folder = TestRuns.Folder() }), TestRuns.Folder());
        var trained = new List<string>();
        foreach (var at in (int[])[1, 2, 1])
        {
            using var stop = new CancellationTokenSource();
            var ends = 0;
            Assert.Throws<OperationCanceledException>(
                () => Experiment.Run(recipe, new() { Folder = broken, Resume = true }, new Steps(end =>
                {
                    trained.Add($"{end.Part} {end.Step}");
                    if (end.Part.StartsWith("student", StringComparison.Ordinal) && ++ends == at) stop.Cancel();
                }), stop.Token));
        }
        Experiment.Run(
            recipe, new() { Folder = broken, Resume = true }, new Steps(end => trained.Add($"{end.Part} {end.Step}")));
        Assert.Equal(trained.Distinct(), trained);                         // what is done is not done again
        TestRuns.AssertAlike(whole, broken);
    }

    [Theory, MemberData(nameof(Procedures))]
    public void Its_student_is_the_last_of_its_networks_and_took_the_controls_steps(string name)
    {
        var run = Run(name);
        var student = TestRuns.Card(run, "student-seed1");
        Assert.True(student.Stages!.Count > 0);
        Assert.Equal(Bits(run, $"student-seed1/{student.Stages[^1].Part}"), Bits(run, "student-seed1"));
        if (Recipe(name).HasControl) Assert.Equal(TestRuns.Card(run, "control-seed1").Steps, student.Steps);
        var results = TestRuns.Json(Path.Combine(run, "results.json"));
        Assert.Equal(
            student.Stages.Sum(stage => TestRuns.Card(run, $"student-seed1/{stage.Part}").Steps)
                + (student.OtherSteps ?? 0),
            (long)results["student"]!["stepsInAll"]!);
        var trained = student.Stages.Select(stage => TestRuns.Card(run, $"student-seed1/{stage.Part}"))
            .Where(stage => stage.Steps > 0).ToList();
        Assert.Equal(trained.Count, trained.Select(stage => stage.Seed).Distinct().Count());
    }

    [Theory, MemberData(nameof(Procedures))]
    public void A_search_of_it_leaves_no_test_figure(string name)
    {
        var recipe = FewEpisodes.Fit(name) ? FewEpisodes.Searched(name)
            : Recipe(name) with { Tuning = new() { LearningRates = [0.05, 1e38] } };
        var run = Experiment.Run(recipe with { Seeds = 1 }, new() { Folder = TestRuns.Folder() });
        var files = Directory.EnumerateFiles(Path.Combine(run, "search"), "*.safetensors", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file).StartsWith("predictions", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(files);
        using var scope = torch.NewDisposeScope();
        foreach (var file in files) Assert.DoesNotContain(
            Retort.Tensors.Files.SafeTensors.Read(file).Keys, key => key.StartsWith("test", StringComparison.Ordinal));
        if (s_ownStepSizes.Contains(name)) return;

        Assert.Null(
            JsonFile.Read<SearchTable>(Path.Combine(run, "search.json"), "a search").Student.Trials[1].Scores[0].Score);
    }

    [Theory, MemberData(nameof(Procedures))]
    public void Every_native_tensor_is_gone_afterwards(string name)
    {
        Run(name);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run(name);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory, MemberData(nameof(Procedures))]
    public void It_refuses_a_teacher_that_it_does_not_need_and_the_lack_of_one_that_it_needs(string name)
    {
        var recipe = Recipe(name);
        var error = Assert.Throws<InvalidOperationException>(() => Experiment.Run(
            recipe with { Teacher = recipe.Teacher is null ? TestRuns.Recipe().Teacher : null },
            new() { Folder = TestRuns.Folder() }));
        Assert.Equal(recipe.Teacher is null
            ? $"The method {name} takes no teacher from the recipe: leave teacher out."
            : $"The method {name} needs {Needed(name)} of a teacher, and the recipe has no teacher.", error.Message);
    }

    [Theory, MemberData(nameof(Procedures))]
    public void Its_options_survive_json(string name)
    {
        var json = Retort.Recipes.Recipe.Write<MethodOptions>(Few.Procedure(name));
        var again = Retort.Recipes.Recipe.Write(Retort.Recipes.Recipe.Read<MethodOptions>(json, name));
        Assert.Equal(json.ToJsonString(), again.ToJsonString());
        Assert.Equal(name, (string?)again["name"]);
    }

    [Fact] // the first generation learns from the labels alone, with the pair's seed
    public void The_first_generation_is_the_control()
    {
        var run = Run("sdls");
        Assert.Equal(Bits(run, "control-seed2"), Bits(run, "student-seed2/generation-0"));
        var first = TestRuns.Card(run, "student-seed2/generation-0");
        var second = TestRuns.Card(run, "student-seed2/generation-1");
        Assert.Equal(
            (2, 2 + RunProcedureContext.SeedStep, null, 64),
            (first.Seed, second.Seed, first.TeacherHash, second.TeacherHash!.Length));
        Assert.All((NetworkConfig[])[TestRuns.Card(run, "control-seed2"), first, second],
            network => Assert.Equal((8, null), (network.Steps, network.OtherSteps)));
        Assert.Equal(
            (null, null, "generation-0", 4.0),
            (Stage(0).Teacher, Stage(0).Temperature, Stage(1).Teacher, Stage(1).Temperature));

        Stage Stage(int k) => TestRuns.Card(run, "student-seed2").Stages![k];
    }

    static Recipe Recipe(string name)
    {
        if (FewEpisodes.Fit(name)) return FewEpisodes.Recipe(name);

        var method = Few.Procedure(name);
        var recipe = FewTokens.Fit(name) ? FewTokens.Recipe(method) : TestRuns.Recipe() with { Method = method };
        if (name == "tdd") recipe = recipe with
        {
            Data = new TopicWordsOptions { Examples = 64, Length = 6 },
            Student = new TextConvNetOptions { Filters = 4, Spans = [2, 3] },
        };
        return recipe with
        {
            Task = FewEmbeddings.Fit(name) ? new EmbeddingOptions { Primary = EmbeddingScore.Knn1 } : recipe.Task,
            Teacher = Needed(name).IsEmpty ? null : recipe.Teacher,
            Training = new() { Epochs = 2, BatchSize = 16, CheckpointSeconds = 0 },
            Seeds = 2,
        };
    }

    /// <summary>Hears of each epoch's end, and of the steps of loops.</summary>
    sealed class Steps(Action<TrainingProgress> heard) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            var isLoop = value is { Epochs: 0, Steps: > 1 } && value.Part.Contains('/', StringComparison.Ordinal);
            if (value.Score is not null || isLoop) heard(value);
        }
    }

    static OutputSet Needed(string name) => Few.Procedure(name).Build().RequiredOfTeacher;

    static string Run(string name) => Experiment.Run(Recipe(name), new() { Folder = TestRuns.Folder() });

    static byte[] Bits(string run, string part) =>
        File.ReadAllBytes(Path.Combine(run, "networks", part, "model.safetensors"));
}
