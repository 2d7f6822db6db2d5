using Retort.Methods;
using Retort.Tasks;
using Retort.Tests.Contract;
using static TorchSharp.torch;

namespace Retort.Tests.Methods;

/// <summary>Hidden states token by token, on numbers that are computed by hand.</summary>
public sealed class HiddenStatesTests
{
    [Fact]
    public void The_term_is_the_mean_over_states_real_tokens_and_numbers_of_the_squared_error()
    {
        using var scope = NewDisposeScope();

        // differences 1, 1 and 3, 1 in the first state, 0 in the second: ((1 + 1 + 9 + 1) / 4 + 0) / 2 = 1.5
        var teacher = Outputs(0, [[0, 0], [0, 0], [9, 9]], [[1, 2], [3, 4], [9, 9]]);
        var student = Outputs(0, [[1, 1], [3, 1], [0, 0]], [[1, 2], [3, 4], [0, 0]]);
        Assert.Equal(1.5, Term(new() { Alignment = LayerAlignment.EmbeddingAndLast }, teacher, student), 12);
        Assert.Equal(15, Term(
            new() { Alignment = LayerAlignment.EmbeddingAndLast, Weight = 10 }, teacher, student), 12);
        Assert.Equal(0, Term(new() { Alignment = LayerAlignment.Last }, teacher, student), 12);
    }

    [Fact]
    public void What_the_padding_holds_changes_neither_loss_nor_gradient()
    {
        using var scope = NewDisposeScope();
        var teacher = Outputs(0, [[0, 0], [0, 0], [double.NaN, 9]], [[1, 2], [3, 4], [9, double.NaN]]);
        var student = Outputs(0, [[1, 1], [3, 1], [double.NaN, 0]], [[1, 2], [3, 4], [0, double.NaN]]);
        foreach (var state in student.HiddenStates) state.requires_grad_(true);
        var loss = Compute(new() { Alignment = LayerAlignment.EmbeddingAndLast }, teacher, student, "hidden_states");
        loss.backward();
        Assert.Equal(1.5, loss.ToDouble(), 12);

        // d/ds of (3² + …) / 8 at the first number of the second token: 2 · 3 / 8
        var gradient = student.HiddenStates[0].grad!;
        Assert.Equal(0.75, gradient[0, 1, 0].ToDouble(), 12);
        Assert.Equal(0, gradient[0, 2].abs().sum().ToDouble(), 12);
    }

    [Fact]
    public void A_narrower_student_gets_a_projection_that_is_trained_with_it()
    {
        using var narrow = new HiddenStatesOptions().Build(FewTokens.MethodContext);
        Assert.Equal<long[]>([[5, 3], [5]], [.. narrow.State!.parameters().Select(one => one.shape)]);

        var same = FewTokens.MethodContext with { Student = FewTokens.MethodContext.Teacher! };
        using var wide = new HiddenStatesOptions().Build(same);
        Assert.Null(wide.State);
    }

    [Fact]
    public void Logits_are_learned_without_the_factor_of_the_squared_temperature()
    {
        using var scope = NewDisposeScope();

        // the prediction loss of CKD at T = 2: teacher (2, 0), student (1, 0)
        var (teacher, student) = (Outputs(2, [[0, 0], [0, 0], [0, 0]]), Outputs(1, [[0, 0], [0, 0], [0, 0]]));
        var soft = Compute(new() { Temperature = 2, Alignment = LayerAlignment.Last }, teacher, student, "soft");
        Assert.Equal(0.6085476949, soft.ToDouble(), 9);
    }

    [Fact]
    public void Data_without_tokens_and_tasks_without_logits_are_refused()
    {
        Refused(Few.MethodContext, "The method \"hidden-states\" compares the tokens of texts and needs the input "
            + "attention_mask; the data has pixel_values.");
        var multiLabel = FewTokens.Data.Info with { Targets = TargetKind.Labels };
        Refused(FewTokens.MethodContext with { Data = multiLabel, Task = new MultiLabelOptions().Build(multiLabel) },
            "The method \"hidden-states\" fits the tasks \"classification\" and \"regression\"; this run's task is "
            + "\"multi-label\".");

        static void Refused(MethodContext context, string message) => Assert.Equal(message,
            Assert.Throws<InvalidOperationException>(() => new HiddenStatesOptions().Build(context)).Message);
    }

    static double Term(HiddenStatesOptions options, Outputs teacher, Outputs student) =>
        Compute(options, teacher, student, "hidden_states").ToDouble();

    static Tensor Compute(HiddenStatesOptions options, Outputs teacher, Outputs student, string term)
    {
        var same = FewTokens.MethodContext with { Student = FewTokens.MethodContext.Teacher! };
        using var method = options.Build(same);
        var terms = method.Compute(FewTokens.OneText([1, 1, 0]), teacher, student);
        return terms.Parts.Single(part => part.Name == term).Value;
    }

    static Outputs Outputs(double logit, params double[][][] states) => new()
    {
        Logits = tensor(new[,] { { logit, 0 } }),
        HiddenStates = [.. states.Select(state => tensor(state.SelectMany(token => token).ToArray(), [1, 3, 2]))],
    };
}
