using Retort.Data;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Tests.Contract;
using Retort.Tests.Teachers;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Recipes;

/// <summary>A teacher is run on a few examples when it is opened, whatever it comes from.</summary>
public sealed class TeacherProbeTests
{
    [Fact]
    public void Logits_and_log_probabilities_are_accepted()
    {
        Check(x => x.MatMul(Weights));
        Check(x => nn.functional.log_softmax(x.MatMul(Weights), 1));
        Check(x => x.MatMul(Weights).relu());                               // not negative, with different sums
    }

    [Fact]
    public void The_same_logits_for_every_example_are_refused() => Assert.Contains(
        "The teacher's logits are the same for 8 different examples",
        Refusal(x => ones(x.size(0), 1).MatMul(Weights.narrow(0, 5, 1))), StringComparison.Ordinal);

    [Theory] // of four classes: percentages; a hundredth added to each
    [InlineData(100, 0, "shares of 100")]
    [InlineData(1, 0.01, "shares of 1.04")]
    public void Shares_of_another_sum_than_1_are_refused(double factor, double added, string expected) =>
        Assert.Contains(expected, Refusal(x =>
            nn.functional.softmax(x.MatMul(Weights), 1).Times(factor).Add(added)), StringComparison.Ordinal);

    [Fact] // two rows of two logits may have the same sum by accident, and always do where all hidden units are zero
    public void Few_or_equal_rows_of_the_same_sum_are_no_shares()
    {
        using var scope = NewDisposeScope();
        Assert.Null(Probabilities.CommonSum(tensor(new[,] { { 0.2f, 0.5f }, { 0.3f, 0.4f } })));
        Assert.Null(Probabilities.CommonSum(ones(8, 2)));
        var shares = tensor(new[,] { { 20f, 80f }, { 30f, 70f }, { 90f, 10f }, { 50f, 50f } });
        Assert.Equal(100, Probabilities.CommonSum(shares));
    }

    [Fact]
    public void Probabilities_are_refused_with_the_option_that_undoes_them() => Assert.Contains(
        "in each row none is negative and their sum is 1, as after a softmax. Export it without this last layer, or "
        + "give an onnx, torchscript or remote teacher the option \"finalActivation\": \"softmax\"",
        Refusal(x => nn.functional.softmax(x.MatMul(Weights), 1)), StringComparison.Ordinal);

    [Fact]
    public void A_member_of_an_ensemble_is_checked_too()
    {
        using var scope = NewDisposeScope();
        using var ensemble = new EnsembleTeacher([
            new FunctionTeacher(x => x.MatMul(Weights)),
            new FunctionTeacher(x => nn.functional.softmax(x.MatMul(Weights), 1))]);
        Assert.Contains("as after a softmax", Assert.Throws<InvalidOperationException>(
            () => TeacherProbe.Check(ensemble, Few.Task, Few.Data.Validation, CPU)).Message, StringComparison.Ordinal);
    }

    [Fact] // rounded to float16, rows sum to 1 ± 4 · 2⁻¹²
    public void Rounded_probabilities_are_probabilities() => Assert.Contains(
        "as after a softmax",
        Refusal(x => nn.functional.softmax(x.MatMul(Weights), 1).to(ScalarType.Float16)), StringComparison.Ordinal);

    [Fact]
    public void Dropout_is_refused() => Assert.Contains(
        "The teacher's logits for the same examples change from call to call: a random layer such as dropout is in "
        + "training mode",
        Refusal(x => nn.functional.dropout(x, 0.1, training: true).MatMul(Weights)), StringComparison.Ordinal);

    [Fact]
    public void Batch_normalization_over_the_batch_is_refused() => Assert.Contains(
        "The teacher's logits for an example change with the other examples of its batch",
        Refusal(x =>
        {
            var z = x.MatMul(Weights);
            return (z - z.mean([0], true)) / (z.std([0], keepdim: true) + 1e-5f);
        }), StringComparison.Ordinal);

    [Theory]
    [InlineData(FinalActivation.Sigmoid, TargetKind.Labels, new[] { 0.2f, 0.9f, 0.4f, 1f })]
    [InlineData(FinalActivation.None, TargetKind.Labels, new[] { 0.2f, 0.9f, 0.4f, 1.5f })]
    [InlineData(FinalActivation.Softmax, TargetKind.Class, new[] { 0.25f, 0.75f, 1f, 0f })]
    [InlineData(FinalActivation.None, TargetKind.Class, new[] { 0.25f, 0.7f, 1f, 0f })]
    [InlineData(FinalActivation.None, TargetKind.Class, new[] { -0.25f, 1.25f, 1f, 0f })]
    [InlineData(FinalActivation.None, TargetKind.Values, new[] { 0.25f, 0.75f, 1f, 0f })]
    public void Probabilities_are_told_by_all_rows(FinalActivation expected, TargetKind targets, float[] values)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Probabilities.Detect(values.ToTensor(2, 2), targets));
    }

    [Fact] // log .25 = -1.3863, log .75 = -.2877; log (.2 / .8) = -1.3863, log (.9 / .1) = 2.1972
    public void A_final_activation_is_undone()
    {
        using var scope = NewDisposeScope();
        Near([-1.3863f, -0.2877f, 0, -87.3365f], [0.25f, 0.75f, 1, 0], FinalActivation.Softmax);
        Near([-1.3863f, 2.1972f, 87.3365f, -87.3365f], [0.2f, 0.9f, 1, 0], FinalActivation.Sigmoid);
        Assert.Throws<InvalidDataException>(() => Undone([0.5f, 0.6f, 1, 0], FinalActivation.Softmax));
        Assert.Throws<InvalidDataException>(() => Undone([-0.5f, 0.6f, 1, 0], FinalActivation.Sigmoid));

        void Near(float[] expected, float[] probabilities, FinalActivation activation)
        {
            var found = Undone(probabilities, activation);
            for (var i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], tolerance: 1e-3f);
        }

        float[] Undone(float[] probabilities, FinalActivation activation) =>
            Probabilities.ToLogits(probabilities.ToTensor(2, 2), activation, "x").ToFloatArray();
    }

    [Fact] // a service whose logits are a softmax of the numbers k, as k + sum: log of it is k - log Σ exp k
    public void A_service_that_returns_probabilities_teaches_with_their_logarithm()
    {
        using var scope = NewDisposeScope();
        using var server = new TeacherServer(response =>
        {
            if (response.IsInfo) return;
            var (shape, values) = response.Outputs["logits"];
            response.Outputs["logits"] = (shape, nn.functional.softmax(values.ToTensor(shape), 1).ToFloatArray());
        });
        var options = new RemoteTeacherOptions { Url = server.Url, FinalActivation = FinalActivation.Softmax };
        using var teacher = options.Open(Tiny.Info, CPU);
        using var plain = (options with { FinalActivation = FinalActivation.None }).Open(Tiny.Info, CPU);
        Assert.NotEqual(plain.Fingerprint(), teacher.Fingerprint());
        var found = teacher.Forward(Tiny.Batch(1), Output.Logits).Logits.ToFloatArray();
        for (var k = 0; k < 4; k++) Assert.Equal(k - 3.44019f, found[k], tolerance: 1e-4f);
    }

    static Tensor Weights => arange(784 * 4).to(ScalarType.Float32).reshape(784, 4).sin();

    static string Refusal(Func<Tensor, Tensor> logits) =>
        Assert.Throws<InvalidOperationException>(() => Check(logits)).Message;

    static void Check(Func<Tensor, Tensor> logits)
    {
        using var scope = NewDisposeScope();
        using var teacher = new FunctionTeacher(logits);
        TeacherProbe.Check(teacher, Few.Task, Few.Data.Validation, CPU);
    }

    sealed class FunctionTeacher(Func<Tensor, Tensor> logits) : ITeacher
    {
        public OutputSet AvailableOutputs => Output.Logits;

        public Outputs Forward(Batch batch, OutputSet wanted) =>
            new() { Logits = logits(batch.TeacherInputs.PixelValues.reshape(batch.Count, -1)) };

        public string Fingerprint() => "function";

        public void Dispose() { }
    }
}
