using Retort.Methods;
using Retort.Training;

namespace Retort.Tests.Methods;

public sealed class SelfDistillationTests
{
    // q = softmax([2 1 0] / 2) = [.506480 .307196 .186324]; soft 1.078402, CE .798916. With T²
    // it would be 2.0, with the student at T 1.0
    [Fact]
    public void The_student_stays_at_temperature_1_and_nothing_is_multiplied_by_T_squared()
    {
        using var scope = torch.NewDisposeScope();
        var teacher = torch.tensor(new float[,] { { 2, 1, 0 } });
        var student = torch.tensor(new float[,] { { .5f, .5f, -1 } });
        using var method = new SelfDistillation.Generation(0.4, 2);
        var terms = method.Compute(Smoothing.Batch(0L), new() { Logits = teacher }, new() { Logits = student });
        Assert.Equal(["labels", "soft"], terms.Parts.Select(part => part.Name));
        Assert.Equal(1.078402 * 0.4, terms.Parts[1].Value.ToSingle(), tolerance: 1e-6);
        Assert.Equal(0.910710, terms.Total.ToSingle(), tolerance: 1e-6);
    }

    // §2.5: with a prior of Dirichlet(q + 1) the posterior's logarithm is −(CE + soft) =
    // −1.877318, twice the loss of α = ½
    [Fact]
    public void Half_and_half_is_the_posterior_under_a_dirichlet_prior()
    {
        using var scope = torch.NewDisposeScope();
        var teacher = torch.tensor(new float[,] { { 2, 1, 0 } });
        var student = torch.tensor(new float[,] { { .5f, .5f, -1 } });
        using var method = new SelfDistillation.Generation(0.5, 2);
        Assert.Equal(
            1.877318,
            2 * method.Compute(Smoothing.Batch(0L), new() { Logits = teacher }, new() { Logits = student }).Total
                .ToSingle(),
            tolerance: 1e-6);
    }

    [Fact]
    public void The_loss_is_the_cross_entropy_to_the_mixed_target()
    {
        using var scope = torch.NewDisposeScope();
        var (teacher, student, y) = (torch.randn(6, 4), torch.randn(6, 4), torch.tensor([0L, 1, 2, 3, 1, 0]));
        using var method = new SelfDistillation.Generation(0.4, 3);
        var mixed = y.OneHot(4).Times(0.6).Add(teacher.Softmax(3).Times(0.4));
        Assert.Equal(
            SoftCrossEntropy(mixed, student.LogSoftmax()).ToSingle(),
            method.Compute(Smoothing.Batch(y, default), new() { Logits = teacher }, new() { Logits = student }).Total
                .ToSingle(),
            tolerance: 1e-6);
    }

    [Fact]
    public void The_first_generation_asks_nobody()
    {
        Assert.Equal(OutputSet.None, new SelfDistillation.Generation(0, 1).Requires.Teacher);
        Assert.Equal(Output.Logits, new SelfDistillation.Generation(0.4, 1).Requires.Teacher);
    }

    // two classes, z = [2 0], right: q = 1 / (1 + e^(−2/T)) = ¾ where 2 / T = ln 3; α = .6
    // makes the weight 1 − .6 · ¼ = .85
    [Fact]
    public void The_matched_temperature_gives_labels_the_wanted_weight()
    {
        var teacher =
            new Predictions { Output = "logits", Values = [2, 0, 0, 2], Width = 2, Labels = [0, 1], Ids = [0, 1] };
        Assert.Equal(2 / Math.Log(3), SelfDistillation.Matched(teacher, 0.85, 0.6), tolerance: 1e-6);
        // at T → ∞ 1 − .6 / 2
        var error = Assert.Throws<InvalidOperationException>(() => SelfDistillation.Matched(teacher, 0.6, 0.6));
        Assert.Equal(
            "method.meanWeight is 0.6; with a softWeight of 0.6 this teacher's temperature can make it 0.7 to 1.",
            error.Message);
    }

    [Fact]
    public void Two_ways_to_a_temperature_are_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new SelfDistillationOptions { Temperature = 2, MeanWeight = 0.85 }.Build());
        Assert.StartsWith(
            "MeanWeight finds the temperature and must be left out where temperature is given; it is 0.85.",
            error.Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SelfDistillationOptions { Generations = 1 }.Build());
    }
}
