using Retort.Methods;
using Retort.Tests.Contract;
using Retort.Training;
using static Retort.Methods.AnchorSimilarityOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Similarities to a queue of anchors, on numbers that are computed by hand.</summary>
public sealed class AnchorSimilarityTests
{
    static readonly float[,] s_anchors = { { 1, 0 }, { 0, 1 }, { -1, 0 } };

    // p = softmax(1, 0, -1) = .665241, .244728, .090031; q = softmax(0, 1, 0) = .211942, .576117, .211942
    [Theory]
    [InlineData(1, 0, 1, 0.4743207)]
    [InlineData(0.5, 0.6f, 0.8f, 0.4988958)]
    [InlineData(0.04, 0.6f, 0.8f, 5.0067153)]
    public void The_loss_is_the_divergence_of_the_similarities(double temperature, float x, float y, double expected)
    {
        using var scope = NewDisposeScope();
        using var method = Method(new() { Temperature = temperature, Anchors = 3 }, s_anchors, s_anchors, batch: 1);
        Assert.Equal(expected, Loss(method, Row(1, 0), Row(x, y)).ToDouble(), 5e-7 * Math.Max(1, expected));
    }

    // q - p at τ = .5 is (-.479598, .460347, .019251), and (q - p) A / τ = (-.997698, .920694) with s free; the
    // gradient through the division by the length is its share across s = (.6, .8)
    [Fact]
    public void The_gradient_is_the_difference_of_the_distributions_over_the_anchors()
    {
        using var scope = NewDisposeScope();
        using var method = Method(new() { Temperature = 0.5, Anchors = 3 }, s_anchors, s_anchors, batch: 1);
        var s = Row(0.6f, 0.8f).requires_grad_(true);
        Loss(method, Row(1, 0), s).backward();
        var along = -0.997698 * 0.6 + 0.920694 * 0.8;
        Assert.Equal(-0.997698 - along * 0.6, s.grad![0, 0].ToDouble(), 2e-6);
        Assert.Equal(0.920694 - along * 0.8, s.grad![0, 1].ToDouble(), 2e-6);
    }

    [Fact]
    public void Each_side_is_compared_with_its_own_queue_and_the_batch_is_averaged()
    {
        using var scope = NewDisposeScope();
        float[,] own = { { 0, 1 }, { 1, 0 }, { 0, -1 } };
        using var method = Method(new() { Temperature = 0.5, Anchors = 3 }, s_anchors, own, batch: 2);
        var s = Rows(new float[,] { { 1, 0 }, { 1, 1 } }).requires_grad_(true);
        var loss = Loss(method, Rows(new float[,] { { 3, 4 }, { 0, 2 } }), s);
        loss.backward();
        Assert.Equal(0.3200796, loss.ToDouble(), 5e-7);
        float[] expected = [0, -0.352088f, -0.268093f, 0.268093f];
        Assert.All(s.grad!.ToFloatArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Fact]
    public void A_temperature_of_its_own_for_the_teacher_changes_the_targets_alone()
    {
        using var scope = NewDisposeScope();
        var options = new AnchorSimilarityOptions { Temperature = 1, TeacherTemperature = 0.5, Anchors = 3 };
        using var method = Method(options, s_anchors, s_anchors, batch: 1);

        // p = .866813, .117310, .015876 and q = .211942, .576117, .211942
        var expected = 0.866813 * Math.Log(0.866813 / 0.211942) + 0.117310 * Math.Log(0.117310 / 0.576117)
            + 0.015876 * Math.Log(0.015876 / 0.211942);
        Assert.Equal(expected, Loss(method, Row(1, 0), Row(0, 1)).ToDouble(), 5e-6);
    }

    [Fact]
    public void A_batch_overwrites_the_oldest_rows_after_its_loss()
    {
        using var scope = NewDisposeScope();
        using var method = new AnchorSimilarityOptions { Anchors = 5, Temperature = 0.5 }
            .Build(FewEmbeddings.Context(teacher: 2, student: 2, examples: 10, batch: 3));
        var (first, second) = (Batch(0.1f), Batch(0.5f));
        var before = Loss(method, first, second).ToDouble();
        Push(method, first, first);
        Assert.NotEqual(before, Loss(method, first, second).ToDouble());
        Push(method, second, second);

        // batch 1 at rows 0, 1, 2; batch 2 at 3, 4, 0
        var state = method.State!.state_dict();
        Assert.Equal([1L], state["position"].ToLongArray());
        Tensor[] rows = [second[2], first[1], first[2], second[0], second[1]];
        var expected = stack(rows).UnitRows().ToFloatArray();
        Assert.Equal(expected, state["teacher"].ToFloatArray());
        Assert.Equal(expected, state["student"].ToFloatArray());
    }

    [Fact]
    public void The_queue_is_filled_by_the_momentum_encoder_without_momentum_by_the_student()
    {
        using var scope = NewDisposeScope();
        foreach (var (momentum, filledBy) in new[] { (0.9, Row(0, 1)), (0, Row(1, 0)) })
        {
            using var method = Method(new() { Momentum = momentum, Anchors = 3 }, s_anchors, s_anchors, batch: 1);
            Assert.Equal(momentum > 0, !method.Requires.Ema.IsEmpty);
            Push(method, Row(0, -1), Row(1, 0), ema: Row(0, 1));
            Assert.Equal(filledBy.ToFloatArray(), method.State!.state_dict()["student"][0].ToFloatArray());
        }
        using var usual = Method(new() { Anchors = 3 }, s_anchors, s_anchors, batch: 1);
        Assert.Equal(new EmaSettings(Decay: 0.999, WarmUp: false), usual.Ema);
    }

    [Fact]
    public void The_heads_momentum_copy_keeps_its_share_at_each_step()
    {
        using var scope = NewDisposeScope();
        var options = new AnchorSimilarityOptions { Head = AnchorHead.Linear, Anchors = 4 };
        using var method = options.Build(FewEmbeddings.Context(teacher: 2, student: 3, examples: 8, batch: 1));
        var state = method.State!.state_dict();
        using (no_grad())
        {
            state["head.weight"].zero_();
            state["key_head.weight"].copy_(ones(2, 3));
            state["key_head.bias"].zero_();
        }
        Push(method, Row(1, 0), ones(1, 3), ema: ones(1, 3));
        Assert.Equal(0.999, state["key_head.weight"][0, 0].ToDouble(), 1e-6);

        // it was (3, 3) before the update: of length 1, each number is √½
        Assert.Equal(Math.Sqrt(0.5), state["student"][0, 0].ToDouble(), 1e-6);
        Assert.Equal(2, method.State!.parameters().Count(parameter => parameter.requires_grad));
    }

    [Fact]
    public void A_student_that_equals_its_teacher_has_no_loss_and_no_gradient_in_any_rotation()
    {
        using var scope = NewDisposeScope();
        using var method = Method(new() { Temperature = 0.1, Anchors = 3 }, s_anchors, s_anchors, batch: 3);
        var s = Batch(0.3f).requires_grad_(true);
        var loss = Loss(method, Batch(0.3f), s);
        loss.backward();
        Assert.Equal(0, loss.ToDouble(), 1e-6);
        Assert.Equal(0, s.grad!.abs().max().ToDouble(), 1e-6);

        var (sin, cos) = MathF.SinCos(0.7f);
        var rotation = Rows(new[,] { { cos, -sin }, { sin, cos } });
        var other = Loss(method, Batch(0.3f), Batch(0.8f)).ToDouble();
        using (no_grad()) method.State!.state_dict()["student"].copy_(Rows(s_anchors).mm(rotation));
        Assert.Equal(other, Loss(method, Batch(0.3f), Batch(0.8f).mm(rotation)).ToDouble(), 1e-5);
    }

    [Fact]
    public void Queues_start_uniform_with_an_expected_squared_length_of_one()
    {
        using var scope = NewDisposeScope();
        using var method = new AnchorSimilarityOptions { Anchors = 2000 }
            .Build(FewEmbeddings.Context(teacher: 12, student: 12, examples: 4000, batch: 8));
        foreach (var name in new[] { "teacher", "student" })
        {
            var ring = method.State!.state_dict()[name];
            Assert.Equal(1, ring.pow(2).sum(1).mean().ToDouble(), 0.02);
            Assert.InRange(ring.abs().max().ToDouble(), 0.49, 0.5);          // √(3 / 12)
        }
    }

    [Fact]
    public void With_one_queue_the_student_has_the_teachers_anchors_and_a_head_to_its_width()
    {
        using var scope = NewDisposeScope();
        foreach (var (head, count) in new[] { (AnchorHead.Linear, 2), (AnchorHead.Mlp, 4) })
        {
            using var method = new AnchorSimilarityOptions { Queues = AnchorQueues.One, Head = head, Anchors = 4 }
                .Build(FewEmbeddings.Context(teacher: 5, student: 3, examples: 8, batch: 2));
            Assert.True(method.Requires.Ema.IsEmpty);
            Assert.Equal(count, method.State!.parameters().Count());
            Assert.DoesNotContain("student", method.State!.state_dict().Keys);
            var s = randn(2, 3, requires_grad: true);
            Loss(method, randn(2, 5), s).backward();
            Assert.True(s.grad!.abs().sum().ToDouble() > 0);
            Assert.All(method.State!.parameters(), parameter => Assert.NotNull(parameter.grad));
        }
    }

    [Fact] // 130 epochs of 10 steps: .01 to epoch 90, .002 to epoch 120, then .0004
    public void The_papers_schedule_is_a_step_scheduler()
    {
        var scheduler = new StepSchedulerOptions { Milestones = [90 / 130.0, 120 / 130.0], Multiplier = 0.2 };
        Assert.Equal((0.01, 0.002, 0.002, 0.0004), (Rate(899), Rate(900), Rate(1199), Rate(1200)));

        double Rate(long step) => Math.Round(0.01 * scheduler.Factor(step, 1300), 10);
    }

    [Fact]
    public void A_queue_that_does_not_fit_the_data_is_refused()
    {
        Refused(new() { Anchors = 3 }, FewEmbeddings.Context(2, 2, examples: 10, batch: 4),
            "The method \"compress\" writes each batch into its queue, so that \"anchors\" must be at least the batch "
            + "size, 4; it is 3.");
        Refused(new() { Anchors = 11 }, FewEmbeddings.Context(2, 2, examples: 10, batch: 4),
            "The method \"compress\" needs \"anchors\" of at most the number of training examples, 10; it is 11. At "
            + "most half of them is advisable.");
    }

    [Fact]
    public void One_queue_of_another_width_without_a_head_is_refused()
    {
        Refused(new() { Queues = AnchorQueues.One }, FewEmbeddings.Context(5, 3, examples: 10, batch: 4),
            "The method \"compress\" with one queue compares the student's embedding of width 3 with the teacher's of "
            + "width 5: set \"head\" to \"linear\" or \"mlp\", or \"queues\" to \"two\".");
        using var same = new AnchorSimilarityOptions { Queues = AnchorQueues.One }
            .Build(FewEmbeddings.Context(5, 5, examples: 10, batch: 4));
    }

    [Fact]
    public void Other_tasks_are_refused() => Refused(new(), Few.MethodContext,
        "The method \"compress\" trains the embedding and no classifier, so that it fits the task \"embedding\" alone; "
        + "this run's task is \"classification\".");

    [Fact]
    public void A_momentum_without_effect_is_refused()
    {
        var options = new AnchorSimilarityOptions { Queues = AnchorQueues.One, Momentum = 0.9 };
        var error = Assert.ThrowsAny<ArgumentException>(() => options.Build(FewEmbeddings.MethodContext));
        Assert.Contains("has no effect where queues is \"one\": leave one of them out.", error.Message);
    }

    [Fact]
    public void A_queue_of_more_than_half_the_data_is_a_finding()
    {
        Assert.Empty(new AnchorSimilarityOptions { Anchors = 50 }.Findings(100));
        Assert.Empty(new AnchorSimilarityOptions().Findings(100));
        Assert.Equal(
            "The queue of 51 anchors holds more than half the 100 training examples, so that it often holds an "
            + "example's own embedding of the epoch before. Set method.anchors to 50 or less.",
            Assert.Single(new AnchorSimilarityOptions { Anchors = 51 }.Findings(100)).ToString());
    }

    static void Refused(AnchorSimilarityOptions options, MethodContext context, string message) => Assert.Equal(
        message, Assert.Throws<InvalidOperationException>(() => options.Build(context)).Message);

    // a method of two queues that hold these rows
    static DistillationLoss Method(AnchorSimilarityOptions options, float[,] teacher, float[,] student, int batch)
    {
        var method = options.Build(FewEmbeddings.Context(teacher: 2, student: 2, examples: 10, batch));
        var state = method.State!.state_dict();
        using var noGrad = no_grad();
        state["teacher"].copy_(Rows(teacher));
        state["student"].copy_(Rows(student));
        return method;
    }

    static Tensor Loss(DistillationLoss method, Tensor teacher, Tensor student) => method.Compute(
        Examples((int)teacher.size(0)), new() { Embedding = teacher }, new() { Embedding = student }).Total;

    static void Push(DistillationLoss method, Tensor teacher, Tensor student, Tensor? ema = null)
    {
        using var noGrad = no_grad();
        method.AfterStep(Examples((int)teacher.size(0)), new() { Embedding = teacher },
            new() { Embedding = student, Ema = new() { Embedding = ema ?? student } });
    }

    // three rows at angles from this one on
    static Tensor Batch(float angle)
    {
        var rows = new float[3, 2];
        for (var i = 0; i < 3; i++) (rows[i, 0], rows[i, 1]) = (2 * MathF.Cos(angle + i), 2 * MathF.Sin(angle + i));
        return Rows(rows);
    }

    static Tensor Row(float x, float y) => Rows(new[,] { { x, y } });

    static Tensor Rows(float[,] rows) =>
        ((ReadOnlySpan<float>)rows.Cast<float>().ToArray()).ToTensor(rows.GetLength(0), rows.GetLength(1));

    static Batch Examples(int count) => new()
    {
        Inputs = new((InputNames.Features, zeros(count, 1))),
        Labels = zeros(count, int64),
        Labelled = 0,
        Ids = [.. Enumerable.Range(0, count)],
    };
}
