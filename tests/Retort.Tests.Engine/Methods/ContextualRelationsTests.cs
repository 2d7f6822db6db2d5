using System.Globalization;
using Retort.Methods;
using Retort.Tasks;
using Retort.Tests.Contract;
using static Retort.Methods.ContextualRelations;
using static Retort.Methods.ContextualRelationsOptions;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Contextual knowledge distillation as a whole: logits, layers, gradients, what it refuses.</summary>
public sealed class ContextualRelationsTests
{
    static readonly ContextualRelationsOptions s_none = new()
    {
        WordPairWeight = 0, WordTripleWeight = 0, LayerPairWeight = 0, LayerTripleWeight = 0,
    };

    public static TheoryData<string> Terms => ["word_pairs", "word_triples", "layer_pairs", "layer_triples"];

    [Theory]
    [InlineData(12, 6, "0,2,4,6,8,10,12", "0,1,2,3,4,5,6")]
    [InlineData(12, 4, "0,3,6,9,12", "0,1,2,3,4")]
    [InlineData(12, 8, "0,3,6,9,12", "0,2,4,6,8")]
    [InlineData(12, 5, "0,12", "0,5")]
    [InlineData(4, 2, "0,2,4", "0,1,2")]
    public void Layers_are_aligned_by_the_greatest_common_divisor(int teacher, int student, string ofTeacher,
        string ofStudent)
    {
        var states = TokenStates.Aligned(LayerAlignment.EmbeddingAndSkip, teacher, student);
        Assert.Equal((ofTeacher, ofStudent), (
            string.Join(',', states.Select(state => state.Teacher)),
            string.Join(',', states.Select(state => state.Student))));
    }

    [Theory]
    [InlineData(LayerAlignment.Skip, "2-1 4-2 6-3 8-4 10-5 12-6")]
    [InlineData(LayerAlignment.Last, "12-6")]
    [InlineData(LayerAlignment.EmbeddingAndLast, "0-0 12-6")]
    [InlineData(LayerAlignment.EmbeddingMiddleAndLast, "0-0 6-3 12-6")]
    public void Other_alignments_take_other_states(LayerAlignment alignment, string expected)
    {
        var states = TokenStates.Aligned(alignment, teacher: 12, student: 6);
        Assert.Equal(expected, string.Join(' ', states.Select(state => $"{state.Teacher}-{state.Student}")));
    }

    [Theory]
    [InlineData(2, "2 0", "1 0", 0.6085476949)]                             // −Σ softmax(1, 0) log softmax(½, 0)
    [InlineData(1, "1.0986122886681098 0", "0 1.0986122886681098", 1.1116412890)]   // log 3: (¾, ¼) and (¼, ¾)
    public void The_logits_are_compared_by_cross_entropy(
        double temperature, string teacher, string own, double expected)
    {
        using var scope = NewDisposeScope();
        var method = Method(s_none with { Temperature = temperature });
        var terms = method.Compute(FewTokens.Batch(), Logits(Row(teacher)), Logits(Row(own)));
        Assert.Equal(["soft"], terms.Parts.Select(part => part.Name));
        Assert.Equal(expected, terms.Total.ToDouble(), 1e-9);
        Assert.Equal(Output.Logits, method.Requires.Student);
    }

    [Fact] // ((3 − 1) / 2)²
    public void Values_are_compared_by_their_squared_difference()
    {
        using var scope = NewDisposeScope();
        var data = FewTokens.Data.Info with { Targets = TargetKind.Values, Classes = ["score"] };
        var context = FewTokens.MethodContext with { Data = data, Task = new RegressionOptions().Build(data) };
        using var method = (s_none with { Temperature = 2 }).Build(context);
        var terms = method.Compute(
            FewTokens.Batch(), Logits(Row("3")), Logits(Row("1")));
        Assert.Equal(1, terms.Total.ToDouble(), 1e-9);
    }

    [Fact]
    public void The_labels_get_their_weight()
    {
        using var scope = NewDisposeScope();
        var batch = FewTokens.Batch();
        var (teacher, student) = (FewTokens.Outputs(5, gradient: false), FewTokens.Outputs(3, gradient: false));
        var soft = Value(s_none, "soft");
        Assert.Equal(0.9 * soft, Value(s_none with { HardWeight = 0.1 }, "soft"), 1e-6);
        Assert.Equal(0.1 * batch.CrossEntropy(student.Logits).ToDouble(),
            Value(s_none with { HardWeight = 0.1 }, "labels"), 1e-6);

        double Value(ContextualRelationsOptions options, string name) => Method(options)
            .Compute(batch, teacher, student).Parts.Single(part => part.Name == name).Value.ToDouble();
    }

    [Theory, MemberData(nameof(Terms))]
    public void The_gradient_is_the_slope_of_the_loss(string term)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var mask = Mask(5, 3, 1);
        var (teacher, student) = (States(4, gradient: false), States(3, gradient: true));
        Loss(term, mask, teacher, student).backward();
        var gradient = student.grad!.flatten();
        var (values, step) = (student.detach().flatten(), 1e-6);
        foreach (var at in (int[])[0, 7, 14, 16, 50, 70, 95, 110])
        {
            var slope = (Moved(at, step) - Moved(at, -step)) / (2 * step);
            Assert.Equal(slope, gradient[at].ToDouble(), 1e-7);
        }

        double Moved(int at, double by)
        {
            var moved = values.clone();
            moved[at] = moved[at].Add(by);
            return Loss(term, mask, teacher, moved.reshape(student.shape)).ToDouble();
        }
    }

    [Theory, MemberData(nameof(Terms))]
    public void Padding_gets_no_gradient_whatever_it_holds(string term)
    {
        using var scope = NewDisposeScope();
        var mask = Mask(5, 3, 1);
        var padding = mask.logical_not().unsqueeze(1).unsqueeze(3);         // [B, 1, T, 1]
        var (teacher, student) = (States(4, gradient: false), States(3, gradient: false));
        var expected = Loss(term, mask, teacher, student).ToDouble();
        var garbage = student.masked_fill(padding, double.NaN).requires_grad_();
        var loss = Loss(term, mask, teacher.masked_fill(padding, double.NaN), garbage);
        loss.backward();
        Assert.Equal(expected, loss.ToDouble());
        Assert.True(garbage.grad!.isfinite().all().ToBoolean());
        Assert.Equal(0, garbage.grad.masked_select(padding.expand_as(garbage)).abs().sum().ToDouble());
    }

    [Theory, MemberData(nameof(Terms))]
    public void Short_texts_and_points_that_coincide_leave_loss_and_gradient_finite(string term)
    {
        using var scope = NewDisposeScope();
        var teacher = States(4, gradient: false).to(float32);
        List<(Tensor Mask, Tensor Points)> cases =
        [
            (Mask(1, 1, 1), States(3, gradient: false)),                    // one token each
            (Mask(0, 0, 0), States(3, gradient: false)),                    // nothing but padding
            (Mask(5, 0, 2), States(3, gradient: false)),
            (Mask(5, 3, 1), ones(3, 3, 5, 3)),                              // all points coincide
            (Mask(5, 3, 1), cat([States(3, gradient: false), ones(3, 3, 2, 3)], 2).slice(2, 2, 7, 1)),
            (Mask(5, 3, 1), zeros(3, 3, 5, 3)),
        ];
        foreach (var (mask, points) in cases)
        {
            var student = points.to(float32).detach().requires_grad_();
            var loss = Loss(term, mask, teacher, student);
            loss.backward();
            Assert.True(float.IsFinite(loss.ToSingle()));
            Assert.True(student.grad!.isfinite().all().ToBoolean());
        }
    }

    [Fact]
    public void Data_without_tokens_other_inputs_of_the_teacher_and_two_common_layers_are_refused()
    {
        var context = FewTokens.MethodContext;
        Refused(Few.MethodContext, "The method \"ckd\" compares the tokens of texts and needs the input "
            + "attention_mask; the data has pixel_values.");
        Refused(context with { Data = context.Data with { TeacherInputs = context.Data.Inputs } },
            "The method \"ckd\" compares token by token, so teacher and student must have the same inputs; this data "
            + "gives the teacher inputs of its own.");
        Refused(context with { Teacher = Shapes([7, 5], [7, 5], [7, 5], [7, 5]) },
            "The method \"ckd\" compares at least 3 hidden states of a word; \"alignment\" finds 2 that a teacher of 3 "
            + "layers and a student of 2 share: set layerPairWeight and layerTripleWeight to 0, or choose other "
            + "numbers of layers.");
        Refused(context with { Student = Shapes([8, 4, 4]) },
            "The method \"ckd\" compares hidden states of tokens, [tokens, width]; the student's are [8, 4, 4].");

        var multiLabel = FewTokens.Data.Info with { Targets = TargetKind.Labels };
        Refused(context with { Data = multiLabel, Task = new MultiLabelOptions().Build(multiLabel) },
            "The method \"ckd\" fits the tasks \"classification\" and \"regression\"; this run's task is "
            + "\"multi-label\".");

        static OutputShapes Shapes(params long[][] states) => new(
            new Dictionary<OutputKey, IReadOnlyList<long[]>> { [Output.HiddenStates] = states });

        static void Refused(MethodContext context, string message) => Assert.Equal(message,
            Assert.Throws<InvalidOperationException>(() => new ContextualRelationsOptions().Build(context)).Message);
    }

    static DistillationLoss Method(ContextualRelationsOptions options) => options.Build(FewTokens.MethodContext);

    static Tensor Row(string numbers) =>
        tensor(numbers.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray());

    static Outputs Logits(Tensor row) => new() { Logits = row.unsqueeze(0) };

    static Tensor Loss(string term, Tensor mask, Tensor teacher, Tensor student)
    {
        var relations = term.StartsWith("word", StringComparison.Ordinal)
            ? Relations.OfWords(teacher, student, mask)
            : Relations.OfLayers(teacher, student, mask);
        return term.EndsWith("pairs", StringComparison.Ordinal)
            ? relations.PairLoss(1, RelationNormalization.Strict)
            : relations.TripleLoss(3, RelationNormalization.Strict);
    }

    // [B, M, T, D] of three texts, three layers, five tokens
    static Tensor States(int width, bool gradient) => randn(3, 3, 5, width, float64, requires_grad: gradient);

    static Tensor Mask(params long[] lengths) => arange(5).unsqueeze(0).lt(tensor(lengths).unsqueeze(1));
}
