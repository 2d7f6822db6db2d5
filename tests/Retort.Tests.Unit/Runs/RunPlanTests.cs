using Retort.Contracts;
using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;

namespace Retort.Tests.Runs;

public sealed class RunPlanTests
{
    static Recipe Recipe { get; } = new()
    {
        Name = "small", Data = new ToyOptions { Examples = 64 }, Student = new MlpOptions { Hidden = [4] },
        Teacher = new TrainedTeacherOptions { Network = new MlpOptions { Hidden = [16] } },
        Method = new SoftTargetsOptions(), Training = new() { Epochs = 2, BatchSize = 16 }, Seeds = 2,
    };

    static string[] Names(Recipe recipe) => [.. RunPlan.Of(recipe).Jobs.Select(job => job.Name)];

    [Fact]
    public void A_recipe_is_a_teacher_pairs_and_their_latencies() => Assert.Equal(
        [
            "teacher", "control-seed1", "student-seed1", "control-seed2", "student-seed2", "terms/student-seed1",
            "terms/student-seed2", "latency/teacher", "latency/control-seed1", "latency/student-seed1",
            "latency/control-seed2", "latency/student-seed2",
        ],
        Names(Recipe));

    [Fact]
    public void A_student_needs_the_teacher_and_its_control_does_not()
    {
        var plan = RunPlan.Of(Recipe);
        Assert.Equal(["teacher"], plan["student-seed2"].Needs);
        Assert.Empty(plan["control-seed2"].Needs);
    }

    [Fact] // they run side by side, and their loss terms are compared when both are there
    public void Loss_terms_need_student_and_control() =>
        Assert.Equal(["student-seed2", "control-seed2"], RunPlan.Of(Recipe)["terms/student-seed2"].Needs);

    [Fact] // its last network's loss is at hand only while it runs
    public void A_procedure_needs_the_control_whose_terms_it_compares()
    {
        var plan = RunPlan.Of(Recipe with { Teacher = null, Method = new SelfDistillationOptions() });
        Assert.Equal(["control-seed2"], plan["student-seed2"].Needs);
        Assert.DoesNotContain(plan.Jobs, job => job.Name.StartsWith("terms/", StringComparison.Ordinal));
    }

    [Fact] // its score on validation compares with the teacher's embeddings
    public void A_control_that_is_scored_by_the_teacher_needs_it()
    {
        var task = new EmbeddingOptions().Build(
            new() { Targets = TargetKind.None, Classes = [], Inputs = [TensorSpec.Features(2)] });
        var plan = RunPlan.Of(Recipe with { Tuning = new() { LearningRates = [0.1], Seeds = 1 } }, task);
        Assert.Equal(["teacher", "search"], plan["control-seed2"].Needs);
        Assert.Equal(["teacher"], plan.Jobs.First(job => job is NetworkJob { Role: Role.Control }).Needs);
        Assert.Equal(
            "search: the task \"embedding\" scores the control by the teacher's outputs (cosine to the teacher), so "
            + "that teachers and the control's training cannot both be searched over.",
            Assert.Throws<InvalidDataException>(() => RunPlan.Of(Recipe with { Search = Both }, task)).Message);
    }

    static SearchOptions Both => new()
    {
        Over =
        [
            new ChoiceOptions { Option = "teacher.training.epochs", Values = [1, 2] },
            new ChoiceOptions { Option = "training.learningRate", Values = [0.1, 0.2] },
        ],
    };

    [Fact]
    public void Students_of_a_cached_teacher_need_the_cache_which_needs_the_teacher()
    {
        var plan = RunPlan.Of(Recipe with { Teacher = new CachedTeacherOptions { Teacher = Recipe.Teacher! } });
        Assert.Equal(["cache"], plan["student-seed1"].Needs);
        Assert.Equal(["teacher"], plan["cache"].Needs);
    }

    [Fact]
    public void Without_a_teacher_and_by_labels_alone_there_is_no_control() => Assert.Equal(
        ["student-seed1", "terms/student-seed1", "latency/student-seed1"],
        Names(Recipe with { Teacher = null, Method = new LabelsOnlyOptions(), Seeds = 1 }));

    [Fact]
    public void A_tuning_tries_the_same_rates_on_both_sides_before_anything_is_reported()
    {
        var plan = RunPlan.Of(Recipe with { Tuning = new() { LearningRates = [0.1, 0.2], Seeds = 1 }, Seeds = 1 });
        Assert.Equal(2, plan.Jobs.OfType<NetworkJob>().Count(job => job is { IsTrial: true, Role: Role.Control }));
        Assert.Equal(2, plan.Jobs.OfType<NetworkJob>().Count(job => job is { IsTrial: true, Role: Role.Student }));
        Assert.Contains("search", plan["control-seed1"].Needs);
        Assert.All(plan.Jobs.OfType<NetworkJob>().Where(job => job.IsTrial), job => Assert.True(job.Seed >= 1001));
    }

    [Fact]
    public void Each_need_is_a_job_that_stands_before() => Assert.All(
        [Recipe, Recipe with { Tuning = new() { LearningRates = [0.1, 0.2] } }], recipe =>
        {
            var jobs = RunPlan.Of(recipe).Jobs;
            for (var i = 0; i < jobs.Count; i++)
                Assert.Subset(jobs.Take(i).Select(job => job.Name).ToHashSet(), jobs[i].Needs.ToHashSet());
        });

    [Fact]
    public void Names_and_manifests_are_unique_and_lie_in_the_run_folder()
    {
        var jobs = RunPlan.Of(Recipe with { Tuning = new() { LearningRates = [0.1, 0.2] } }).Jobs;
        Assert.Distinct(jobs.Select(job => job.Name));
        Assert.Distinct(jobs.Select(job => job.Manifest));
        Assert.All(jobs, job => Assert.False(Path.IsPathRooted(job.Manifest)));
    }

    [Fact]
    public void A_name_that_no_job_has_is_refused() =>
        Assert.Contains(
            "no job 'student-seed9'",
            Assert.Throws<ArgumentException>(() => RunPlan.Of(Recipe)["student-seed9"]).Message,
            StringComparison.Ordinal);
}
