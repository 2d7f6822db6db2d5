using Retort.Methods;
using static Retort.Methods.ScaffoldedKnowledge;
using static Retort.Methods.ScaffoldedKnowledgeOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Scaffolded knowledge: terms, schedules and rounds by hand.</summary>
public sealed class ScaffoldedKnowledgeTests
{
    static readonly ScaffoldedKnowledgeOptions s_released = new()
    {
        Form = Objective.Released, Temperature = 1, Hardness = HardnessClass.Teacher, FinalBudget = 0.4,
    };

    // −Σ t log((s + g) / t) with s = (.7, .2, .1), t = (.6, .3, .1)
    [Theory]
    [InlineData(0, 0.0291491, 0.0291491)]
    [InlineData(0.5, -0.8492536, 0.0670371)]
    [InlineData(1, -1.2805502, 0.1057442)]
    public void The_scaffolded_term_and_with_its_normalization(double help, double expected, double normalized)
    {
        using var scope = NewDisposeScope();
        var (t, logS, g) = (Row(0.6, 0.3, 0.1), Row(0.7, 0.2, 0.1).log(), Row(help).squeeze(0));
        var divergence = Divergence(t, logS, g);
        Assert.Equal(expected, divergence.ToDouble(), 1e-7);
        Assert.Equal(normalized, divergence.Add(Normalizer(g, 3)).ToDouble(), 1e-7);
    }

    // s_j Σ t s / (s + g) − t_j s_j / (s_j + g)
    [Fact]
    public void Its_gradient_by_the_logits_sums_to_0()
    {
        using var scope = NewDisposeScope();
        var logits = Row(0.7, 0.2, 0.1).log().detach().requires_grad_(true);
        Divergence(Row(0.6, 0.3, 0.1), logits.LogSoftmax(), Row(0.5).squeeze(0)).backward();
        double[] expected = [-0.033333, 0.004762, 0.028571];
        Assert.Equal(expected, logits.grad!.data<double>().Select(value => Math.Round(value, 6)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_help_it_is_the_loss_of_kd_and_so_is_its_gradient(bool isConfident)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var teacher = randn(8, 5, dtype: ScalarType.Float64);
        var student = randn(8, 5, dtype: ScalarType.Float64).Times(isConfident ? 40 : 1).requires_grad_(true);
        var options = new ScaffoldedKnowledgeOptions { SoftWeight = 1, Temperature = isConfident ? 1 : 4 };
        var (labels, help) = (zeros(8, dtype: ScalarType.Int64), zeros(8, dtype: ScalarType.Float64));
        var scaffolded = Scaffolded(options, labels, (teacher, student), help);
        var T = options.Temperature;
        var kd = KlDivergence(teacher.Softmax(T), student.LogSoftmax(T)).Times(T * T);
        Assert.Equal(kd.ToDouble(), scaffolded.ToDouble(), 1e-6);
        var (one, other) = (Autograd.Grad(scaffolded, [student])[0], Autograd.Grad(kd, [student])[0]);
        Assert.Equal(0, one.sub(other).abs().max().ToDouble(), 1e-6);
    }

    // z_s = (1, 2, 0, −1), z_t = (3, 1, 0, −2), y = 2, weight .9
    [Theory]
    [InlineData(MaskedLogits.RowMinimum, 1, 1.0, 1.0, 0, 1.3218853)]
    [InlineData(MaskedLogits.RowMinimum, 1, 1.0, 1.0, 0.5, 0.2808840)]
    [InlineData(MaskedLogits.Zero, 1, 1.0, 1.0, 0, 1.2228633)]
    [InlineData(MaskedLogits.Zero, 1, 1.0, 1.0, 0.5, 0.2598431)]
    [InlineData(MaskedLogits.RowMinimum, 2, 3.5, 4.0, 0, 15.5911124)]
    [InlineData(MaskedLogits.RowMinimum, 2, 3.5, 4.0, 0.5, 2.9892622)]
    public void The_released_term(
        MaskedLogits masked, int topK, double temperature, double ofTeacher, double help, double expected)
    {
        using var scope = NewDisposeScope();
        var options = s_released with
        {
            Masked = masked, TopK = topK, Temperature = temperature, TeacherTemperature = ofTeacher,
        };
        long[] label = [2];
        var term = Scaffolded(
            options, tensor(label), (Row(3, 1, 0, -2), Row(1, 2, 0, -1)), Row(help).squeeze(0));
        Assert.Equal(expected, term.ToDouble(), 2e-7);
    }

    [Fact]
    public void Its_target_has_the_teachers_first_classes_and_the_label()
    {
        using var scope = NewDisposeScope();
        long[] label = [2];
        var mask = Mask(Row(3, 1, 0, -2), tensor(label), topK: 1);
        Assert.Equal([1, 0, 1, 0], mask.ToLongArray());
        var target = MaskedTarget(Row(3, 1, 0, -2), mask, 1, MaskedLogits.RowMinimum);
        Assert.Equal([0.940501, 0, 0.046825, 0], target.data<double>().Select(value => Math.Round(value, 6)));
        Assert.Equal([1, 1, 1, 1], Mask(Row(3, 1, 0, -2), tensor(label), topK: 10).ToLongArray());
    }

    // hardness (1.44019, 3.139206), one error, R = 1.1048964 and with λ = 5 and the normalization 6.8945172
    [Fact]
    public void What_the_guide_pays_in_the_released_form()
    {
        using var scope = NewDisposeScope();
        var (student, teacher) = (Rows([1, 2, 0, -1], [3, 0, 0, 0]), Rows([3, 1, 0, -2], [0, 5, 0, 0]));
        var (labels, help) = (zeros(2, dtype: ScalarType.Int64), Row(0.5, 0.25).squeeze(0));
        var hardness = HardnessOf(student, ClassesOf(labels, teacher, HardnessClass.Teacher), 5);
        Assert.Equal([1.44019, 3.139206], hardness.data<double>().Select(value => Math.Round(value, 6)));
        Assert.Equal(1, Errors(student, labels));
        Assert.Equal(1.1048964, Excess(Used(help, hardness, 1), 0.4).ToDouble(), 1e-7);

        var (loss, used) = GuideLoss(s_released, labels, (teacher, student), help, (5, 0.4));
        var term = Scaffolded(s_released, labels, (teacher, student), help);
        Assert.Equal(6.8945172, loss.sub(term).ToDouble(), 1e-6);
        Assert.Equal(1.5048964, used.ToDouble(), 1e-7);
    }

    [Fact]
    public void Without_an_error_the_budget_is_divided_by_1()
    {
        using var scope = NewDisposeScope();
        var student = Rows([3, 0], [0, 3]);
        long[] labels = [0, 1];
        Assert.Equal(0, Errors(student, tensor(labels)));
        var (loss, used) = GuideLoss(s_released, tensor(labels), (student, student), Row(1, 1).squeeze(0), (1, 0.4));
        Assert.Equal(2 * Math.Log(1 + Math.Exp(-3)), used.ToDouble(), 1e-12);
        Assert.True(double.IsFinite(loss.ToDouble()));
    }

    [Fact]
    public void Hardness_is_of_the_label_or_of_the_teachers_class_and_clipped()
    {
        using var scope = NewDisposeScope();
        long[] labels = [0, -1];
        var teacher = Rows([0, 9], [0, 9]);
        Assert.Equal([0, 1], ClassesOf(tensor(labels), teacher, HardnessClass.Label).ToLongArray());
        Assert.Equal([1, 1], ClassesOf(tensor(labels), teacher, HardnessClass.Teacher).ToLongArray());
        var hardness = HardnessOf(Rows([0, 99], [0, 0]), zeros(2, dtype: ScalarType.Int64), 5);
        Assert.Equal([5, Math.Log(2)], hardness.data<double>());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 1.381966)]
    [InlineData(25, 3)]
    [InlineData(40, 4.618034)]
    [InlineData(49, 4.996053)]
    [InlineData(50, 1)]
    public void The_penalty_rises_in_each_period(int round, double expected) =>
        Assert.Equal(expected, new Schedule(new() { PenaltyPeriod = 50 }, 200).Penalty(round), 1e-6);

    [Theory]
    [InlineData(0, 0.6)]
    [InlineData(5, 0.570711)]
    [InlineData(10, 0.5)]
    [InlineData(19, 0.401231)]
    [InlineData(20, 0.54)]
    [InlineData(30, 0.47)]
    [InlineData(40, 0.486)]
    [InlineData(60, 0.4374)]
    public void The_budget_falls_in_each_period_and_from_period_to_period(int round, double expected) => Assert.Equal(
        expected, new Schedule(new() { BudgetPeriod = 20, BudgetDecay = 0.9 }, 200).Budget(round), 1e-6);

    [Fact]
    public void Without_a_period_budget_and_penalty_go_to_their_ends_once()
    {
        var schedule = new Schedule(new() { FinalBudget = 0.2 }, 41);
        Assert.Equal((0.6, 1.0), (schedule.Budget(0), schedule.Penalty(0)));
        Assert.Equal((0.4, 3.0), (Math.Round(schedule.Budget(20), 12), Math.Round(schedule.Penalty(20), 12)));
        Assert.Equal((0.2, 5.0), (Math.Round(schedule.Budget(40), 12), Math.Round(schedule.Penalty(40), 12)));
        Assert.Equal(0.6, new Schedule(new(), 1).Budget(0));
    }

    [Fact] // 1 + 2 (.7 − .5), 1 + 2 (.2 − .5), and both ends
    public void The_primal_dual_updates_raise_the_penalty_while_too_much_is_used()
    {
        var schedule = new Schedule(new() { DualRate = 2 }, 10);
        Assert.Equal(1.4, schedule.Ascend(1, 0.7, 0.5), 1e-12);
        Assert.Equal(0.4, schedule.Ascend(1, 0.2, 0.5), 1e-12);
        Assert.Equal(0, schedule.Ascend(0.1, 0.2, 0.5));
        Assert.Equal(5, schedule.Ascend(4.9, 0.7, 0.5));
    }

    [Theory]
    [InlineData(10, 3, 1.0, "0+0x3 3+3x3 6+6x4")]
    [InlineData(10, 3, 0.5, "0+0x2 3+2x1 6+3x2")]
    [InlineData(2, 40, 1.0, "0+0x1 1+1x1")]                                 // no more rounds than steps
    [InlineData(2, 1, 0.1, "0+0x1")]                                        // the guide takes a step at least
    [InlineData(0, 4, 1.0, "")]
    public void Rounds_divide_the_steps(int steps, int rounds, double guideSteps, string expected)
    {
        var cut = new RoundSteps(steps, rounds, guideSteps);
        var started = Enumerable.Range(0, steps).Where(step => cut.StartedBy(step) is not null).ToList();
        Assert.Equal(Enumerable.Range(0, cut.Count).Select(round => (int)cut.First(round)), started);
        Assert.Equal(expected, string.Join(' ', started.Select((first, round) =>
            $"{first}+{cut.OfGuide(round).First}x{cut.OfGuide(round).Count}")));
    }

    static Tensor Row(params double[] values) => Rows(values);

    static Tensor Rows(params double[][] rows) =>
        tensor(rows.SelectMany(row => row).ToArray()).reshape(rows.Length, rows[0].Length);
}
