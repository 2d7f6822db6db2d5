using System.Text.Json;
using Retort.Methods;
using Retort.Tests.House;
using static Retort.Methods.AttentionAlignmentOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// What holds for the losses on attention maps: heads in any order, padding, gradients, golden values.
/// </summary>
public sealed class AttentionPropertyTests
{
    sealed record Golden(double Value, double[] Gradient);

    sealed record Case(
        int TeacherHeads, int StudentHeads, double[] Teacher, double[] Student, Dictionary<string, Golden> Losses);

    sealed record Content(Case[] Cases);

    static readonly Content s_content = JsonSerializer.Deserialize<Content>(
        File.ReadAllText(Repository.At("tests/Golden/attentions.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Names => AttentionCases.Names;

    [Theory, MemberData(nameof(Names))]
    public void Value_and_gradient_are_those_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var mask = AttentionCases.Mask(5, 5, 3);
        foreach (var golden in s_content.Cases)
        {
            var teacher = tensor(golden.Teacher, [2, golden.TeacherHeads, 5, 5]);
            var student = tensor(golden.Student, [2, golden.StudentHeads, 5, 5]).requires_grad_();
            var expected = golden.Losses[name == "projectedKl" ? "kl" : name];          // it begins as the identity
            var loss = Term(name, mask, teacher, student);
            loss.backward();
            Assert.Equal(expected.Value, loss.ToDouble(), 1e-7);
            var gradient = student.grad!.flatten().data<double>().ToArray();
            foreach (var (one, found) in expected.Gradient.Zip(gradient)) Assert.Equal(one, found, 1e-6);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_order_of_heads_changes_nothing(string name)
    {
        using var scope = NewDisposeScope();
        var (mask, teacher, student) = Example(teacherHeads: 6, studentHeads: 3);
        var expected = Term(name, mask, teacher, student).ToDouble();
        var shuffled = teacher.index_select(1, tensor(new long[] { 3, 0, 5, 1, 4, 2 }));
        Assert.Equal(expected, Term(name, mask, shuffled, student).ToDouble(), 1e-12);
        var others = student.index_select(1, tensor(new long[] { 2, 0, 1 }));
        Assert.Equal(expected, Term(name, mask, teacher, others).ToDouble(), 1e-12);
    }

    [Theory, MemberData(nameof(Names))]
    public void Padding_changes_neither_loss_nor_gradient_whatever_it_holds(string name)
    {
        using var scope = NewDisposeScope();
        var (mask, teacher, student) = Example(teacherHeads: 3, studentHeads: 2);
        var (expected, slope) = Run(mask, teacher, student);

        var wide = AttentionCases.Mask(8, 5, 3);
        var padding = wide.unsqueeze(1).logical_and(wide.unsqueeze(2)).unsqueeze(1).logical_not();     // [B, 1, T, T]
        var (loss, gradient) = Run(wide, Wider(teacher), Wider(student));
        Assert.Equal(expected, loss, 1e-12);
        Assert.True(gradient.isfinite().all().ToBoolean());
        Assert.Equal(0, gradient.masked_select(padding.expand_as(gradient)).abs().sum().ToDouble());
        var kept = gradient.narrow(2, 0, 5).narrow(3, 0, 5);
        Assert.InRange(kept.sub(slope).abs().max().ToDouble(), 0, 1e-12);

        (double Loss, Tensor Gradient) Run(Tensor real, Tensor t, Tensor s)
        {
            var leaf = s.detach().requires_grad_();
            var value = Term(name, real, t, leaf);
            value.backward();
            return (value.ToDouble(), leaf.grad!);
        }

        // NaN in all that is padding
        Tensor Wider(Tensor x)
        {
            var larger = full([2, x.size(1), 8, 8], double.NaN, float64);
            larger.narrow(2, 0, 5).narrow(3, 0, 5).copy_(x);
            return larger.masked_fill(padding, double.NaN);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_gradient_is_the_slope_of_the_loss(string name)
    {
        using var scope = NewDisposeScope();
        var (mask, teacher, student) = Example(teacherHeads: 3, studentHeads: 2);
        var leaf = student.detach().requires_grad_();
        Term(name, mask, teacher, leaf).backward();
        var gradient = leaf.grad!.flatten();
        var (values, step) = (student.flatten(), 1e-6);
        foreach (var at in (int[])[0, 7, 24, 25, 33, 50, 61])
        {
            var slope = (Moved(at, step) - Moved(at, -step)) / (2 * step);
            Assert.Equal(slope, gradient[at].ToDouble(), 1e-5);
        }

        double Moved(int at, double by)
        {
            var moved = values.clone();
            moved[at] = moved[at].Add(by);
            return Term(name, mask, teacher, moved.reshape(student.shape)).ToDouble();
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Any_numbers_of_heads_and_texts_without_tokens_have_a_finite_loss(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var teacherHeads in (int[])[1, 3, 8])
            foreach (var studentHeads in (int[])[1, 2, 5])
            {
                var mask = AttentionCases.Mask(5, 5, 0, 1);
                var teacher = AttentionCases.Attentions(mask, teacherHeads).to(float32);
                var student = AttentionCases.Attentions(mask, studentHeads).to(float32).requires_grad_();
                var loss = Term(name, mask, teacher, student);
                loss.backward();
                var most = name == "squaredError" ? 2 * teacherHeads : double.MaxValue;
                Assert.InRange(loss.ToDouble(), -1e-6, most);
                Assert.True(student.grad!.isfinite().all().ToBoolean());
            }
    }

    [Fact]
    public void Weights_that_are_constants_have_the_same_loss_and_another_gradient()
    {
        using var scope = NewDisposeScope();
        var (mask, teacher, student) = Example(teacherHeads: 3, studentHeads: 2);
        var (loss, gradient) = Run(new());
        var (same, other) = Run(new() { DetachWeights = true });
        Assert.Equal(loss, same);
        Assert.True(gradient.sub(other).abs().max().ToDouble() > 1e-4);

        (double Loss, Tensor Gradient) Run(AttentionAlignmentOptions options)
        {
            var leaf = student.detach().requires_grad_();
            var value = AttentionCases.Term(options, mask, teacher, leaf);
            value.backward();
            return (value.ToDouble(), leaf.grad!);
        }
    }

    static Tensor Term(string name, Tensor mask, Tensor teacher, Tensor student) =>
        AttentionCases.Term(AttentionCases.Losses[name], mask, teacher, student);

    static (Tensor Mask, Tensor Teacher, Tensor Student) Example(int teacherHeads, int studentHeads)
    {
        manual_seed(5);
        var mask = AttentionCases.Mask(5, 5, 3);
        return (mask, AttentionCases.Attentions(mask, teacherHeads), AttentionCases.Attentions(mask, studentHeads));
    }
}
