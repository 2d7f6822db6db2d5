using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Report;
using Retort.Runtime.Knowledge;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>The losses of ReAugKD by hand, in double precision, and what a run of it must hold to.</summary>
public sealed class RetrievalAugmentedTests
{
    [Theory]
    [InlineData(new[] { 1.0, 0, 1, 0, -1, 0, -1, 0 }, new[] { 0L, 0, 1, 1 }, 1, 0.2395447662)]      // ln(e + 2/e) - 1
    [InlineData(new[] { 1.0, 0, 1, 0, -1, 0, -1, 0 }, new[] { 0L, 0, 1, 1 }, .5, 0.0359762997)]     // ln(e² + 2e⁻²) - 2
    [InlineData(new[] { 1.0, 0, 0, 1, -1, 0, 0, -1 }, new[] { 0L, 0, 1, 1 }, 1, 0.8619948041)]      // ln(2 + 1/e)
    [InlineData(new[] { 1.0, 0, 1, 0, 0, 1 }, new[] { 0L, 0, 1 }, 1, 0.3132616875)]                 // ln(e + 1) - 1
    [InlineData(new[] { 1.0, 0, 1, 0, 0, 1 }, new[] { 0L, 1, 2 }, 1, 0)]                            // no positive
    [InlineData(new[] { 1.0, 0 }, new[] { 0L }, 1, 0)]
    public void The_supervised_contrastive_loss_by_hand(double[] rows, long[] labels, double T, double expected)
    {
        using var scope = NewDisposeScope();
        var z = tensor(rows).reshape(-1, 2).requires_grad_();
        var loss = SupervisedContrastive.Loss(z, tensor(labels), T);
        Assert.Equal(expected, loss.ToDouble(), 1e-9);
        loss.backward();
        Assert.True(z.grad!.isfinite().all().ToBoolean());
    }

    [Theory]
    [InlineData(new[] { 1.0, 0, 0, 1 }, new[] { 1.0, 0, 0, 1 }, 1, 0)]
    [InlineData(new[] { 1.0, 0, 0, 1 }, new[] { 0.0, 1, 1, 0 }, 1, 0.4621171573)]                   // tanh ½
    [InlineData(new[] { 1.0, 0, 0, 1 }, new[] { 0.0, 1, 1, 0 }, .5, 1.5231883119)]                  // 2 tanh 1
    [InlineData(new[] { 1.0, 0, 0, 1 }, new[] { 1.0, 1, 1, 1 }, 1, 0.1109440717)]                   // ln 2 - H(σ(1))
    [InlineData(new[] { 1.0, 0, 0, 1, -1, 0 }, new[] { 0.0, 1, 0, 1, -1, 0 }, 1, 0.1581068870)]
    [InlineData(new[] { 1.0, 0, 0, 1, -1, 0 }, new[] { 0.0, 7, 0, .1, -3, 0 }, 1, 0.1581068870)]    // lengths are free
    [InlineData(new[] { 1.0, 0 }, new[] { 0.0, 1 }, 1, 0)]
    public void The_divergence_of_similarities_by_hand(double[] teacher, double[] student, double T, double expected)
    {
        using var scope = NewDisposeScope();
        var (z, x) = (tensor(teacher).reshape(-1, 2), tensor(student).reshape(-1, 2));
        Assert.Equal(expected, RetrievalAugmentedLoss.Relations(z, x, T, excludeSelf: false).ToDouble(), 1e-9);
    }

    // z = (1, 0), (0, 1), (-1, 0) and x = (0, 1), (0, 1), (-1, 0): without j = i q is softmax(0, -1), (½, ½),
    // softmax(-1, 0), q̄ softmax(1, 0), (½, ½), softmax(-1, 0); rows two and three agree, the first is tanh ½
    [Fact]
    public void Without_itself_an_example_is_compared_with_the_others_alone()
    {
        using var scope = NewDisposeScope();
        var z = tensor(new[] { 1.0, 0, 0, 1, -1, 0 }).reshape(3, 2);
        var x = tensor(new[] { 0.0, 1, 0, 1, -1, 0 }).reshape(3, 2);
        Assert.Equal(
            Kl([.7310585786300049, .2689414213699951], [.7310585786300049, .2689414213699951]),
            RetrievalAugmentedLoss.Relations(z, x, 1, excludeSelf: true).ToDouble(), 1e-9);
        Assert.Equal(0, RetrievalAugmentedLoss.Relations(z[..1], x[..1], 1, excludeSelf: true).ToDouble(), 1e-9);

        static double Kl(double[] p, double[] q) => p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum() / 3;
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences_and_the_teacher_has_none()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var z = randn(6, 4, ScalarType.Float64).UnitRows().requires_grad_();
        var x = randn(6, 4, ScalarType.Float64).requires_grad_();
        RetrievalAugmentedLoss.Relations(z, x, 0.1, excludeSelf: false).backward();
        Assert.True(z.grad is null || z.grad.IsInvalid);
        const double step = 1e-6;
        for (var i = 0; i < 6; i++)
            for (var d = 0; d < 4; d++)
            {
                var difference = (At(i, d, step) - At(i, d, -step)) / (2 * step);
                var gradient = x.grad![i, d].ToDouble();
                Assert.Equal(difference, gradient, 1e-5 * Math.Max(1, Math.Abs(gradient)));
            }

        double At(int i, int d, double change)
        {
            var moved = x.detach().clone();
            moved[i, d] = moved[i, d].Add(change);
            return RetrievalAugmentedLoss.Relations(z, moved, 0.1, excludeSelf: false).ToDouble();
        }
    }

    // t = softmax(ln 3, 0) = (¾, ¼), student logits (0, ln 3): ¾ ln 4 + ¼ ln 4/3; of the label 0: ln 4
    [Fact]
    public void The_objective_is_the_weighted_sum_of_its_terms()
    {
        using var scope = NewDisposeScope();
        using var projection = ModuleFactory.Create(() => new Linear(2, 3));
        var ln3 = (float)Math.Log(3);
        var teacher = new Outputs { Logits = tensor(new[,] { { ln3, 0 } }), Embedding = tensor(new[,] { { 1f, 2 } }) };
        var student = new Outputs
        {
            Logits = tensor(new[,] { { 0, ln3 } }), Embedding = tensor(new[,] { { 1f, 0, 0 } }),
        };
        var options = new RetrievalAugmentedOptions { SoftWeight = 2, HardWeight = 3 };
        var terms = new RetrievalAugmentedLoss(options, projection).Compute(Smoothing.Batch(0L), teacher, student);
        Assert.Equal(["soft", "labels", "relations"], terms.Parts.Select(part => part.Name));
        Assert.Equal(2 * 1.1116412890, terms.Parts[0].Value.ToDouble(), 1e-6);
        Assert.Equal(3 * Math.Log(4), terms.Parts[1].Value.ToDouble(), 1e-6);
        Assert.Equal(0, terms.Parts[2].Value.ToDouble(), 1e-6);             // one example
        Assert.False(RetrievalAugmentedLoss.Projected(teacher.Embedding, projection).requires_grad);
    }

    [Fact]
    public void A_run_chooses_on_validation_never_worse_than_without_and_aligns_the_student_with_its_base()
    {
        var (aligned, unaligned) = (Run(new() { ProjectionSteps = 200 }), Run(new()
        {
            ProjectionSteps = 200, RelationWeight = 0,
        }));
        foreach (var run in (string[])[aligned, unaligned])
        {
            var figures = TestRuns.Card(run, "student-seed1").Figures!;
            Assert.True(figures["validationScore"] >= figures["validationScoreWithoutRetrieval"]);
            Assert.Equal(600, figures["knowledgeRows"]);
        }
        var (one, other) = (Purity(aligned), Purity(unaligned));
        Assert.True(one >= 0.6 && one >= other + 0.2, FormattableString.Invariant($"{one}, {other}"));

        // the network is the same in both files; only the predictions differ
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(aligned, "networks/student-seed1/without-retrieval/model.safetensors")),
            File.ReadAllBytes(Path.Combine(aligned, "networks/student-seed1/model.safetensors")));
        Assert.Empty(ReportCheck.Differences(aligned));

        static double Purity(string run) => TestRuns.Card(run, "student-seed1").Figures!["neighborPurity"];
    }

    [Fact] // without relations the loss is that of kd at temperature 1 and a soft weight of 1, to the same bits
    public void Without_relations_the_network_is_that_of_plain_distillation()
    {
        var run = Run(new() { ProjectionSteps = 1, RelationWeight = 0 });
        var plain = Experiment.Run(
            Recipe(new SoftTargetsOptions { Temperature = 1, SoftWeight = 1 }), new() { Folder = TestRuns.Folder() });
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(plain, "networks/student-seed1/model.safetensors")),
            File.ReadAllBytes(Path.Combine(run, "networks/student-seed1/model.safetensors")));
    }

    [Fact] // two classes of two rows each: k 1 and 2 are right, and of equal scores the smaller k and β are taken
    public void Of_equal_scores_the_smaller_weight_and_then_the_fewer_neighbors_are_taken()
    {
        var task = new Retort.Tasks.ClassificationOptions().Build(Few.Data.Info with { Classes = ["a", "b"] });
        var file = Path.Combine(Few.Folder(), "knowledge.base");
        new KnowledgeBaseBuilder(2, 2, new(1, 0, 1)).Add([1, 0], [1, 0], 0).Add([0, 1], [0, 1], 1).Write(file);
        using var knowledge = KnowledgeBase.Open(file);
        var (right, wrong) = (Find([2, 0, 0, 2]), Find([0, .1f, .1f, 0]));
        Assert.Equal((new RetrievalSettings(1, 0, 0.1), 1.0, 1.0), right);
        Assert.Equal((new RetrievalSettings(1, 0.1, 0.1), 1.0, 0.0), wrong);

        (RetrievalSettings, double, double) Find(float[] logits) => new RetrievalChoice(
            task, knowledge, Predictions("logits", logits), Predictions("embedding", [1, 0, 0, 1])).Find(20, 0.1);

        static Predictions Predictions(string output, float[] values) =>
            new() { Output = output, Values = values, Width = 2, Labels = [0, 1], Ids = [0, 1] };
    }

    [Fact]
    public void A_temperature_of_zero_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new RetrievalAugmentedOptions { Temperature = 0 }.Build());
        Assert.StartsWith("Temperature must be greater than 0", error.Message, StringComparison.Ordinal);
    }

    static string Run(RetrievalAugmentedOptions method) =>
        Experiment.Run(Recipe(method), new() { Folder = TestRuns.Folder() });

    internal static Retort.Recipes.Recipe Recipe(MethodOptions method) => new()
    {
        Name = "clusters",
        Data = new ClustersOptions { Examples = 600, ValidationExamples = 300, TestExamples = 300 },
        Teacher = new Retort.Recipes.TrainedTeacherOptions
        {
            Network = new MlpOptions { Hidden = [128, 32] },
            Training = new() { Epochs = 15, LearningRate = 0.005, Optimizer = new Retort.Training.AdamWOptions() },
        },
        Student = new MlpOptions { Hidden = [16, 8] },
        Method = method,
        Training = new() { Epochs = 30, LearningRate = 0.01, Optimizer = new Retort.Training.AdamWOptions() },
        Seeds = 1,
        Threads = 1,
    };
}
