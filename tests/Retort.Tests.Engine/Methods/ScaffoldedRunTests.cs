using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Tests.Recipes;
using Retort.Training;
using static Retort.Methods.ScaffoldedKnowledge;
using static Retort.Methods.ScaffoldedKnowledgeOptions;

namespace Retort.Tests.Methods;

/// <summary>Runs with a guide: who learns when, what the report has, and what is refused before one begins.</summary>
public sealed class ScaffoldedRunTests
{
    static ScaffoldedKnowledgeOptions Options { get; } = new() { Rounds = 2 };

    static readonly Lazy<string> s_run = new(() => Run(Options));

    [Fact]
    public void The_report_has_the_help_of_each_round_and_the_images_that_get_most()
    {
        var results = TestRuns.Json(Path.Combine(s_run.Value, "results.json"));
        Assert.Equal(["meanHelp", "censoredShare", "budgetUsed", "budget", "penalty"],
            results["student"]!["figures"]!.AsObject().Select(figure => figure.Key));
        Assert.Equal(["labels", "scaffolded"],
            results["lossTerms"]!["student"]!.AsObject().Select(term => term.Key));

        var plain = File.ReadAllText(Path.Combine(s_run.Value, "report.md"));
        Assert.Contains("## What the procedure measured", plain, StringComparison.Ordinal);
        Assert.Contains("| Epoch | Mean help g of the training examples |", plain, StringComparison.Ordinal);
        Assert.Contains("## Training examples with the most help", plain, StringComparison.Ordinal);
        Assert.Empty(ReportCheck.Differences(s_run.Value));
        Assert.Empty(ReportCheck.Differences(s_run.Value, new ToyOptions { Examples = 64 }.Open()));

        // two rounds after 2 of 8 steps of the warm-up; 4 steps are an epoch
        var measured = TestRuns.Json(Path.Combine(s_run.Value, "networks", "student-seed1", "measurements.json"));
        Assert.All(measured["curves"]!.AsArray(),
            curve => Assert.Equal([0.5, 1.25], curve!["epochs"]!.AsArray().Select(epoch => (double)epoch!)));
        var help = measured["examples"]!["examples"]!.AsArray().Select(one => (double)one!["value"]!).ToList();
        Assert.Equal(24, help.Count);
        Assert.Equal(help.OrderDescending(), help);
        Assert.All(help, g => Assert.InRange(g, 0, 1));
    }

    [Fact]
    public void The_page_shows_the_training_images_that_get_most_help()
    {
        var data = new IdxOptions { Path = DataFiles.Shipped("fashion-mnist-12k"), MaxExamples = 64 };
        var recipe = TestRuns.Recipe() with { Data = data, Method = Options };
        var page = File.ReadAllText(Path.Combine(Experiment.Run(recipe, Fresh()), "report.html"));
        var section = page[page.IndexOf("<h2>Training examples with the most help", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.Equal(24, section.Split("<img src=\"data:image/png;base64,").Length - 1);
    }

    [Fact] // the guide, its optimizer, λ and what was measured are in the checkpoint
    public void Killed_within_the_rounds_and_resumed_it_ends_with_the_same_bits()
    {
        var recipe = TestRuns.Recipe(threads: 1) with
        {
            Name = "killed", Method = new ScaffoldedKnowledgeOptions { Rounds = 12, DualRate = 1 },
            Training = new() { Epochs = 16, BatchSize = 16, CheckpointSeconds = 0 },
        };
        Proofs.ProofRun.KilledAndResumed(recipe, Proofs.ProofRun.Whole(recipe), "rounds/checkpoint.safetensors");
    }

    [Fact]
    public void Measurements_that_no_procedure_makes_are_refused()
    {
        var run = Run(Options);
        var path = Path.Combine(run, "networks", "student-seed1", "measurements.json");
        var measured = TestRuns.Json(path);
        measured["curves"]![0]!["values"]!.AsArray().RemoveAt(0);
        File.WriteAllText(path, measured.ToJsonString());
        Assert.Equal(
            $"{path}: a curve must have a finite value for each epoch; \"Mean help g of the training examples\" has "
            + "other values.", Assert.Throws<InvalidDataException>(() => Reports.Write(run)).Message);
    }

    [Fact] // batch normalization in both: its running statistics belong to the one that learns
    public void Neither_changes_while_the_other_learns()
    {
        using var scope = torch.NewDisposeScope();
        using var context = new GuideContext(steps: 8);
        var embeddings = context.Predict(context.Teacher!, context.Training, Output.Embedding)[Output.Embedding];
        using var rounds = new GuideRounds(Options, context, embeddings, warmUp: 0);
        using var student = context.NewStudent();
        student.train();
        var (before, guide, teacher) = (Bits(student.state_dict()), Bits(rounds.State), context.Teacher!.Fingerprint());

        rounds.Begin(1, student);                                           // within a round
        Assert.Equal(guide, Bits(rounds.State));
        rounds.Begin(0, student);
        Assert.Equal(before, Bits(student.state_dict()));
        Assert.NotEqual(guide, Bits(rounds.State));

        guide = Bits(rounds.State);
        using var loss = new Loss(Options, rounds.Guide);
        var batch = context.BatchAt(context.Training, 0);
        student.train();
        var outputs = context.Teacher!.Forward(batch, Output.Logits | Output.Embedding);
        loss.Compute(batch, outputs, student.Forward(batch.Inputs, Output.Logits)).Total.backward();
        Assert.Equal(guide, Bits(rounds.State));
        Assert.All(student.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.Equal(teacher, context.Teacher.Fingerprint());

        static string Bits(IEnumerable<KeyValuePair<string, torch.Tensor>> state) => string.Join(
            ' ', state.Select(one => Convert.ToHexString(one.Value.contiguous().bytes)));
    }

    [Fact]
    public void The_primal_dual_updates_raise_the_penalty_where_the_budget_is_0()
    {
        using var scope = torch.NewDisposeScope();
        using var context = new GuideContext(steps: 8);
        var embeddings = context.Predict(context.Teacher!, context.Training, Output.Embedding)[Output.Embedding];
        var options = Options with { Budget = 0, FinalBudget = 0, DualRate = 0.5 };
        using var rounds = new GuideRounds(options, context, embeddings, warmUp: 0);
        using var student = context.NewStudent();
        rounds.Begin(0, student);
        rounds.Begin(4, student);
        var curves = rounds.Measured!.Curves();
        var (used, penalty) = (curves[2].Values, curves[4].Values);
        Assert.Equal(1, penalty[0], 1e-6);
        Assert.Equal(1 + 0.5 * used[0], penalty[1], 1e-5);
        Assert.True(used[0] > 0);
    }

    [Fact] // 0.6 is none of float32's numbers
    public void What_is_measured_keeps_the_digits_of_the_options()
    {
        using var scope = torch.NewDisposeScope();
        using var context = new GuideContext(steps: 8);
        var embeddings = context.Predict(context.Teacher!, context.Training, Output.Embedding)[Output.Embedding];
        using var rounds = new GuideRounds(Options with { Penalty = 1.1 }, context, embeddings, warmUp: 0);
        using var student = context.NewStudent();
        rounds.Begin(0, student);
        var curves = rounds.Measured!.Curves();
        Assert.Equal((0.6, 1.1), (curves[3].Values[0], curves[4].Values[0]));
    }

    [Fact] // the control's initial weights, and the order of its examples
    public void A_warm_up_of_all_steps_is_KD()
    {
        var kd = TestRuns.Recipe(threads: 1) with
        {
            Training = new() { Epochs = 2, BatchSize = 16, SelectWeights = SelectedWeights.Last },
        };
        var disk = kd with { Method = Options with { WarmUpSteps = 1 } };
        var (one, other) = (Logits(Experiment.Run(kd, Fresh())), Logits(Experiment.Run(disk, Fresh())));
        Assert.Equal(one, other);
    }

    [Theory]
    [InlineData(GuideKind.Linear, null, Objective.Paper)]
    [InlineData(GuideKind.Constant, 0.3, Objective.Paper)]
    [InlineData(GuideKind.Random, 0.3, Objective.Paper)]
    [InlineData(GuideKind.Embedding, null, Objective.Released)]
    public void Every_guide_and_form_trains(GuideKind guide, double? help, Objective form)
    {
        var run = Run(new() { Guide = guide, FixedHelp = help, Form = form });
        Assert.Equal(help is null, TestRuns.Json(Path.Combine(run, "results.json"))["student"]!["figures"] is not null);
        Assert.All(Logits(run), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void A_random_guide_helps_a_share_of_the_examples_and_always_the_same()
    {
        using var scope = torch.NewDisposeScope();
        int[] ids = [.. Enumerable.Range(0, 2000)];
        var help = new RandomGuide(0.3, seed: 1, torch.CPU).Help(ids, null).ToFloatArray();
        Assert.InRange(help.Average(), 0.27, 0.33);
        Assert.Equal(help[5..], new RandomGuide(0.3, seed: 1, torch.CPU).Help(ids[5..], null).ToFloatArray());
        Assert.NotEqual(help, new RandomGuide(0.3, seed: 2, torch.CPU).Help(ids, null).ToFloatArray());
    }

    [Fact]
    public void A_cached_teacher_gives_the_same_student()
    {
        var recipe = TestRuns.Recipe(threads: 1) with { Method = Options };
        var cached = recipe with
        {
            Teacher = new CachedTeacherOptions { Teacher = recipe.Teacher!, Codec = new Float32Options() },
        };
        var (first, second) = (Logits(Experiment.Run(recipe, Fresh())), Logits(Experiment.Run(cached, Fresh())));
        foreach (var (one, other) in first.Zip(second)) Assert.Equal(one, other, 1e-4f);
    }

    [Theory]
    [InlineData(1.5, 0.4, "Budget must be between 0 and 1; it is 1.5.")]
    [InlineData(-0.1, 0, "Budget must be between 0 and 1; it is -0.1.")]
    [InlineData(0.6, 2, "FinalBudget must be between 0 and 1; it is 2.")]
    [InlineData(0.2, 0.4, "FinalBudget must be at most the budget of 0.2; it is 0.4.")]
    public void A_budget_is_between_0_and_1_and_does_not_rise(double budget, double last, string sentence) =>
        Assert.StartsWith(sentence, Refusal(Options with { Budget = budget, FinalBudget = last }),
            StringComparison.Ordinal);

    [Fact]
    public void Options_without_effect_are_refused()
    {
        Assert.StartsWith("FixedHelp must be set for the guides \"constant\" and \"random\".",
            Refusal(Options with { Guide = GuideKind.Constant }), StringComparison.Ordinal);
        Assert.StartsWith("FixedHelp is for the guides \"constant\" and \"random\" alone: leave it out.",
            Refusal(Options with { FixedHelp = 0.5 }), StringComparison.Ordinal);
        Assert.StartsWith(
            "Guide must be \"embedding\" or \"linear\" where budget, penalty, rounds or other options of its training "
            + "are set.", Refusal(new() { Guide = GuideKind.Constant, FixedHelp = 0.1, Budget = 0.7 }),
            StringComparison.Ordinal);
        Assert.StartsWith("TopK has no effect where form is \"paper\": leave it out.",
            Refusal(Options with { TopK = 3 }), StringComparison.Ordinal);
        Assert.StartsWith("PenaltyPeriod has no effect where dualRate is set: leave one of them out.",
            Refusal(Options with { DualRate = 2, PenaltyPeriod = 5 }), StringComparison.Ordinal);
        Assert.StartsWith("FinalPenalty must be at least the penalty of 6; it is 5.",
            Refusal(Options with { Penalty = 6 }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_without_an_embedding_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = new LogitsTeacher();
        Assert.Equal(
            "The method disk needs embedding, and the teacher does not offer it; it offers logits. Choose another "
            + "teacher or method; the option \"outputs\" of the teachers \"onnx\" and \"torchscript\" can name more.",
            Assert.Throws<InvalidOperationException>(() => NetworkTrainer.CheckOffered(
                Options, new(Options.Build().RequiredOfTeacher, OutputSet.None), Output.Logits, teacher)).Message);
        var constant = new ScaffoldedKnowledgeOptions { Guide = GuideKind.Constant, FixedHelp = 0 };
        Assert.Equal(Output.Logits, constant.Build().RequiredOfTeacher);
    }

    static string Refusal(ScaffoldedKnowledgeOptions options) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Build()).Message;

    static RunOptions Fresh() => new() { Folder = TestRuns.Folder(), Cores = 1 };

    static string Run(ScaffoldedKnowledgeOptions options) =>
        Experiment.Run(TestRuns.Recipe() with { Method = options }, Fresh());

    static float[] Logits(string run) => PredictionsFile.Read(
        Path.Combine(run, "networks", "student-seed1", PredictionsFile.Name), "test").Values;

    sealed class LogitsTeacher : ITeacher
    {
        public OutputSet AvailableOutputs => Output.Logits;

        public Outputs Forward(Batch batch, OutputSet wanted) => throw new NotSupportedException();

        public string Fingerprint() => "";

        public void Dispose() { }
    }
}
