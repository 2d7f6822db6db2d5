using Retort.Methods;
using static Retort.Methods.AttentionAlignmentOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>The layer on the student's maps of variant 3, when it is no longer the identity.</summary>
public sealed class AttentionProjectionTests
{
    [Fact]
    public void A_layer_of_the_longest_text_serves_shorter_batches_and_padding_changes_nothing()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        var mask = AttentionCases.Mask(5, 5, 3);
        var (teacher, student) = (AttentionCases.Attentions(mask, 3), AttentionCases.Attentions(mask, 2));
        var options = new AttentionAlignmentOptions { Variant = AlignmentVariant.ProjectedKl };
        using var method = new AttentionAlignment(options, AttentionCases.Context(3, 2, tokens: 8));
        using (no_grad())
            foreach (var parameter in method.State!.parameters()) parameter.add_(randn(parameter.shape).mul(0.1));

        var tight = method.Loss(AttentionPair.Masked(teacher, student, mask), layer: 0).ToDouble();
        var wide = method.Loss(AttentionPair.Masked(
            Wider(teacher), Wider(student), AttentionCases.Mask(8, 5, 3)), layer: 0).ToDouble();
        Assert.Equal(tight, wide, 1e-12);
        var identity = AttentionCases.Term(new AttentionAlignmentOptions(), mask, teacher, student).ToDouble();
        Assert.True(Math.Abs(tight - identity) > 1e-3);

        static Tensor Wider(Tensor x) => nn.functional.pad(x, (0, 3, 0, 3), value: double.NaN);
    }

    [Fact]
    public void Each_of_the_students_layers_has_its_own()
    {
        var context = AttentionCases.Context(3, 2, tokens: 4) with
        {
            Teacher = AttentionCases.Shapes([3, 4, 4]), Student = AttentionCases.Shapes([2, 4, 4], [2, 4, 4]),
        };
        using var method = new AttentionAlignmentOptions { Variant = AlignmentVariant.ProjectedKl }.Build(context);
        Assert.Equal(
            ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"],
            method.State!.named_parameters().Select(pair => pair.name));
        using var other = new AttentionAlignmentOptions().Build(context);
        Assert.Null(other.State);
    }
}
