using Retort.Runs;
using Retort.Data;
using Retort.Models;
using Retort.Recipes;
using Retort.Teachers;

namespace Retort.Tests.Teachers;

public sealed class EnsembleTeacherTests
{
    [Fact] // softmax(ln 3, 0) = ¾, ¼; softmax(0, 0) = ½, ½; mean ⅝, ⅜; logs -.470004, -.980829
    public void Probabilities_are_averaged_then_their_log_is_taken()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = new EnsembleTeacher([new Fixed(MathF.Log(3), 0), new Fixed(0, 0)]);
        var logits = teacher.Forward(Tiny.Batch(1), Output.Logits).Logits.ToFloatArray();
        Assert.Equal(-0.470004, logits[0], tolerance: 1e-6);
        Assert.Equal(-0.980829, logits[1], tolerance: 1e-6);
    }

    [Fact] // they are asked one after another, so that the larger one's results are the most that live at once
    public void It_costs_what_its_members_cost_together()
    {
        using var scope = torch.NewDisposeScope();
        var data = new ToyOptions { Examples = 64 }.Open();
        var members = ((int[])[4, 8])
            .Select(hidden => (ITeacher)new NetworkTeacher(
                new MlpOptions { Hidden = [hidden] }.Build(data.Info), owns: true))
            .ToList();
        using var teacher = new EnsembleTeacher(members);
        var cost = NetworkProbe.Cost(teacher, Contract.Few.Task, data.Validation, torch.CPU)!;
        var parts = members.Select(member => NetworkProbe.Cost(member, Contract.Few.Task, data.Validation, torch.CPU)!)
            .ToList();
        Assert.True(parts[0].Parameters < parts[1].Parameters);
        Assert.Equal(
            (
                parts[0].Parameters + parts[1].Parameters, parts[0].Bytes + parts[1].Bytes,
                parts[0].MultiplyAdds + parts[1].MultiplyAdds, parts[1].ActivationBytes),
            (cost.Parameters, cost.Bytes, cost.MultiplyAdds, cost.ActivationBytes));
        Assert.Null(NetworkProbe.Cost(
            new EnsembleTeacher([members[0], new Fixed(0, 0)]), Contract.Few.Task, data.Validation, torch.CPU));
    }

    // (.8, .2) and (.4, .6) are (.6, .4) together; at τ = 4 that is .6^¼ / (.6^¼ + .4^¼) = .525320, where members
    // tempered first would give .5302
    [Fact]
    public void It_is_tempered_after_the_mean_and_the_order_and_copies_of_members_do_not_matter()
    {
        using var scope = torch.NewDisposeScope();
        Fixed[] two = [new(MathF.Log(0.8f), MathF.Log(0.2f)), new(MathF.Log(0.4f), MathF.Log(0.6f))];
        foreach (var members in (Fixed[][])[two, [two[1], two[0]], [.. two, .. two]])
        {
            using var teacher = new EnsembleTeacher(members);
            var logits = teacher.Forward(Tiny.Batch(1), Output.Logits).Logits;
            Assert.Equal(
                [-0.510826f, -0.916291f],
                logits.ToFloatArray(),
                (expected, found) => Math.Abs(expected - found) < 1e-6);
            Assert.Equal(0.525320, logits.Softmax(4).ToFloatArray()[0], tolerance: 1e-6);
        }
    }

    // softmax(200, 0) = 1, e⁻²⁰⁰; two such and the mean is the same: log e⁻²⁰⁰ = -200, though e⁻²⁰⁰ is 0 in float32
    [Fact]
    public void Small_probabilities_do_not_vanish()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = new EnsembleTeacher([new Fixed(200, 0), new Fixed(200, 0)]);
        Assert.Equal([0, -200], teacher.Forward(Tiny.Batch(1), Output.Logits).Logits.ToFloatArray());
    }

    [Fact] // one member: its own log-probabilities, which are its logits up to a shift
    public void One_alone_says_what_it_says()
    {
        using var scope = torch.NewDisposeScope();
        var options = new EnsembleTeacherOptions { Members = [new OnnxTeacherOptions { Path = Tiny.At("tiny.onnx") }] };
        using var teacher = options.Open(Tiny.Info, torch.CPU);
        var found = teacher.Forward(Tiny.Batch(), Output.Logits).Logits.ToFloatArray();
        var expected = Tiny.Numbers("logits").ToTensor(5, 4).LogSoftmax().ToFloatArray();
        for (var i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], tolerance: 1e-5);
    }

    [Fact]
    public void Its_members_go_with_it_also_when_one_cannot_be_opened()
    {
        var (good, bad) = (new Fixed(1, 2), new OnnxTeacherOptions { Path = Tiny.At("nowhere.onnx") });
        Assert.Throws<InvalidDataException>(
            () => new EnsembleTeacherOptions { Members = [new FixedOptions(good), bad] }.Open(Tiny.Info, torch.CPU));
        Assert.True(good.Gone);
    }

    [Fact]
    public void Answers_of_other_sizes_are_no_ensemble()
    {
        using var scope = torch.NewDisposeScope();
        using var teacher = new EnsembleTeacher([new Fixed(1, 2), new Fixed(1, 2, 3)]);
        Assert.Contains(
            "member 2's logits is [1, 3]",
            Assert.Throws<ArgumentException>(() => teacher.Forward(Tiny.Batch(1), Output.Logits)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_needs_members_that_are_there()
    {
        var trained = new Retort.Recipes.TrainedTeacherOptions { Network = new Retort.Models.MlpOptions() };
        Assert.StartsWith("Members must have at least one teacher; it is empty.", Refusal(), StringComparison.Ordinal);
        Assert.Contains("would be trained first", Refusal(trained), StringComparison.Ordinal);

        static string Refusal(params IReadOnlyList<TeacherOptions> members) =>
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new EnsembleTeacherOptions { Members = members }.Open(Tiny.Info, torch.CPU)).Message;
    }

    sealed record FixedOptions(ITeacher Teacher) : PretrainedTeacherOptions
    {
        public override ITeacher Open(DatasetInfo info, torch.Device device) => Teacher;
    }

    /// <summary>Says the same to everything.</summary>
    sealed class Fixed(params float[] logits) : ITeacher
    {
        public bool Gone { get; private set; }
        public OutputSet AvailableOutputs => Output.Logits;
        public Outputs Forward(Batch batch, OutputSet wanted) => new() { Logits = logits.ToTensor(1, logits.Length) };
        public string Fingerprint() => "";
        public void Dispose() => Gone = true;
    }
}
