using Retort.Data;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Teachers.Cache;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>
/// Methods that compare tokens, on questions about images: the text's tokens with padding, then patches without.
/// </summary>
public sealed class QuestionTokenTests
{
    const int Text = 3;
    const int All = 6;

    [Fact]
    public void The_mask_is_the_texts_and_true_at_patches()
    {
        using var scope = NewDisposeScope();
        var batch = Batch();
        Assert.Equal([true, true, false, true, true, true], TokenStates.Mask(batch, All)!.data<bool>().ToArray());
        Assert.Equal([true, true, false], TokenStates.Mask(batch, Text)!.data<bool>().ToArray());
        Assert.Null(TokenStates.Mask(Few.Batch(), All));
    }

    [Theory]
    [InlineData("amad")]
    [InlineData("attention-maps")]
    public void Attention_of_padding_changes_nothing_and_that_of_patches_the_loss(string method)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (teacher, student) = (rand(1, 4, All, All), rand(1, 2, All, All));
        var loss = Loss(teacher, student);
        Assert.Equal(loss, Loss(Changed(teacher, 2, float.NaN), Changed(student, 2, float.NaN)), tolerance: 1e-6);
        Assert.NotEqual(loss, Loss(teacher, Changed(student, 4, 5)), tolerance: 1e-3);

        double Loss(Tensor t, Tensor s)
        {
            var options = method == "amad"
                ? (AttentionOptions)new AttentionAlignmentOptions() : new AttentionMapsOptions();
            using var loss = (options with { LabelWeight = 0, LogitWeight = 0 }).Build(Context());
            return loss.Compute(Batch(), new() { Attentions = [t] }, new() { Attentions = [s] }).Total.ToDouble();
        }

        // a token's row and column
        static Tensor Changed(Tensor maps, int token, float value)
        {
            var copy = maps.clone();
            copy.narrow(2, token, 1).fill_(value);
            copy.narrow(3, token, 1).fill_(value);
            return copy;
        }
    }

    [Fact] // of [CLS], a word and three patches: ones against zeros, and NaN at the padding
    public void Hidden_states_are_compared_at_tokens_and_patches_alone()
    {
        using var scope = NewDisposeScope();
        var teacher = ones(1, All, 2);
        teacher.narrow(1, 2, 1).fill_(float.NaN);
        using var loss = new HiddenStatesOptions { Alignment = LayerAlignment.Last }.Build(Context());
        var logits = zeros(1, 2);
        var terms = loss.Compute(Batch(), new() { Logits = logits, HiddenStates = [teacher, teacher] },
            new() { Logits = logits, HiddenStates = [zeros(1, All, 2), zeros(1, All, 2)] });
        Assert.Equal(
            1, terms.Parts.Single(part => part.Name == "hidden_states").Value.ToDouble(), tolerance: 1e-6);
    }

    [Fact]
    public void What_knows_texts_alone_is_refused()
    {
        const string end = "knows the tokens of texts, and not those of texts with images; the data has "
            + "attention_mask, pixel_values.";
        Refused(new ContextualRelationsOptions(), $"The method \"ckd\" {end}");
        Refused(
            new AttentionAlignmentOptions { Variant = AttentionAlignmentOptions.AlignmentVariant.ProjectedKl },
            $"The variant \"projectedKl\" of the method \"amad\" {end}");

        static void Refused(LossOptions options, string sentence) => Assert.Equal(
            sentence, Assert.Throws<InvalidOperationException>(() => options.Build(Context())).Message);
    }

    [Fact]
    public void Hidden_states_of_other_patches_are_refused() => Assert.Equal(
        "The method \"hidden-states\" compares the same tokens; the teacher's states are of 19 tokens and the "
            + "student's of 6: give both networks patches of one size.",
        Assert.Throws<InvalidOperationException>(() => new HiddenStatesOptions().Build(Context() with
        {
            Teacher = Shapes(tokens: 19, heads: 4),
        })).Message);

    [Fact]
    public void Attentions_of_both_are_not_cached()
    {
        using var scope = NewDisposeScope();
        var outputs = new Outputs { Attentions = [zeros(1, 4, All, All)] };
        Assert.Equal(
            "The teacher's attentions.0 are of the tokens of texts and images together, which a cache cannot hold: use "
                + "the teacher without a cache.",
            Assert.Throws<InvalidOperationException>(
                () => RecordLayout.OutputsOf(outputs, Output.Attentions, Info.Inputs, Batch())).Message);
    }

    static DatasetInfo Info => new()
    {
        Classes = ["a", "b"],
        Inputs = [TensorSpec.Tokens(InputNames.AttentionMask, Text), TensorSpec.PixelValues(1, 2, 2)],
    };

    static MethodContext Context() => FewTokens.MethodContext with
    {
        Data = Info,
        Task = new ClassificationOptions().Build(Info),
        Teacher = Shapes(All, heads: 4),
        Student = Shapes(All, heads: 2),
    };

    static OutputShapes Shapes(int tokens, int heads) => new(new Dictionary<OutputKey, IReadOnlyList<long[]>>
    {
        [Output.Logits] = [[2]],
        [Output.HiddenStates] = [.. Enumerable.Repeat<long[]>([tokens, 2], 4)],
        [Output.Attentions] = [[heads, tokens, tokens]],
    });

    // [CLS], a word, padding; an image
    static Batch Batch()
    {
        var inputs = new Inputs(
            (InputNames.AttentionMask, tensor([1L, 1, 0], [1, Text])), (InputNames.PixelValues, zeros(1, 1, 2, 2)));
        return new()
        {
            Inputs = inputs, TeacherInputs = inputs, Labels = zeros(1, int64), Labelled = 1, Ids = [0],
        };
    }
}
