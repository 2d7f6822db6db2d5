using Retort.Data;
using Retort.Models;
using Retort.Runtime.Metrics;
using Retort.Studies.Fidelity;
using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Studies.Claims;

/// <summary>The parts of a study against numbers that can be redone on paper.</summary>
public sealed class StudyPartsTests
{
    [Theory] // z_t = (2, 1, 0), z_s = (½, ½, -1): loss, floor τ² H, and τ² KL between them
    [InlineData(1, 0.933962, 0.832396)]
    [InlineData(2, 4.179674, 4.080765)]
    [InlineData(4, 17.342179, 17.249594)]
    public void Distillation_loss_and_its_floor(double temperature, double loss, double floor)
    {
        var found = TeacherAgreement.Loss([2, 1, 0], [0.5f, 0.5f, -1], 3, temperature);
        Assert.Equal(loss, found.Loss, tolerance: 1e-6);
        Assert.Equal(floor, found.Floor, tolerance: 1e-6);
        Assert.Equal(loss - floor, found.Excess, tolerance: 1.5e-6);
    }

    [Fact]
    public void The_loss_of_a_teacher_with_itself_is_its_floor() =>
        Assert.Equal(0, TeacherAgreement.Loss([2, 1, 0, 5, 5, -3], [2, 1, 0, 5, 5, -3], 3, 4).Excess);

    [Fact] // 16 of 64 rows: a fourth of 16; 1 in 5: ⌊128 / 5⌋ = 25 and the other 103
    public void Every_batch_takes_its_share_of_each_part()
    {
        Assert.Equal([4, 12], Sampler.Shares([16, 48], 16));
        Assert.Equal([25, 103], Sampler.Shares([10_000, 40_000], 128));
        Assert.Equal(
            "A batch of 4 has no row for each of the parts of 1, 99 examples: it must be larger. (Parameter 'batch')",
            Assert.Throws<ArgumentException>(() => Sampler.Shares([1, 99], 4)).Message);
    }

    [Fact] // 4 steps of 4 + 12 go through 16 + 48 once
    public void The_parts_are_gone_through_together()
    {
        var sampler = new Sampler(64, 16, seed: 1, [16, 48]);
        Assert.Equal(4, sampler.StepsPerEpoch);
        Assert.Equal(
            Enumerable.Range(0, 64), Enumerable.Range(0, 4).SelectMany(step => sampler.At(step).Positions).Order());
        Assert.All(
            Enumerable.Range(0, 4),
            step => Assert.Equal(4, sampler.At(step).Positions.Count(position => position < 16)));
        Assert.Equal(1, sampler.At(4).Pass);
    }

    // 3 X turned by 90° is X to CKA; Y is one of X's two equal directions: ‖YᵀX‖² = 4, ‖XᵀX‖ =
    // √8, ‖YᵀY‖ = 2: 4 / (2 √8) = √½
    [Fact]
    public void Kernel_alignment_of_four_points()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor(new float[,] { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 } });
        var turned = torch.tensor(new float[,] { { 0, 3 }, { -3, 0 }, { 0, -3 }, { 3, 0 } });
        var y = torch.tensor(new float[,] { { 1, 0 }, { 0, 0 }, { -1, 0 }, { 0, 0 } });
        Assert.Equal(1, LinearCka(x, turned).ToSingle(), tolerance: 1e-6);
        Assert.Equal(Math.Sqrt(0.5), LinearCka(x, y).ToSingle(), tolerance: 1e-6);
    }

    [Fact] // .375 · 2 + .625 · (-1) = .125; at 1 it is the teacher's own
    public void First_weights_lie_on_the_way_to_the_teacher()
    {
        using var student = Filled(-1);
        using var teacher = Filled(2);
        WeightInterpolation.Move(student, teacher.state_dict(), 0.375);
        Assert.All(Weights(student), weight => Assert.Equal(0.125f, weight));
        WeightInterpolation.Move(student, teacher.state_dict(), 1);
        Assert.All(Weights(student), weight => Assert.Equal(2, weight));
    }

    [Fact]
    public void A_network_with_running_statistics_cannot_begin_near_its_teacher()
    {
        using var network = ModuleFactory.Create(() => new ConvNetOptions { Widths = [2] }.Build(Few.Data.Info));
        var error = Assert.Throws<InvalidOperationException>(
            () => WeightInterpolation.Move(network, network.state_dict(), 0.5));
        Assert.Matches(
            "^A student can begin near its teacher only where weights are all there is; this network keeps "
            + "'[a-z0-9._]+' besides",
            error.Message);
    }

    [Fact] // of 64 toy pictures in 4 classes, any quarter has a quarter of each class, give or take one
    public void Any_run_of_examples_has_its_share_of_each_class()
    {
        var order = StudyData.Stratified(Few.Data.Training);
        Assert.Equal(Enumerable.Range(0, 64), order.Order());
        var prepared = new HostBatch();
        Few.Data.Training.Load([.. Enumerable.Range(0, 64)], View.Plain, prepared);
        var labels = prepared.Labels.ToArray();
        for (var c = 0; c < 4; c++)
            foreach (var quarter in order.Chunk(16))
                Assert.InRange(
                    quarter.Count(position => labels[position] == c),
                    labels.Count(label => label == c) / 4.0 - 1,
                    labels.Count(label => label == c) / 4.0 + 1);
    }

    [Fact]
    public void What_is_out_of_domain_has_no_label_and_is_shown_as_it_is()
    {
        var own = new ToyOptions { Examples = 8 }.Open().Training;
        var other = new ToyOptions { Examples = 4, Seed = 2 }.Open().Training;
        var (both, alone) = (new HostBatch(), new HostBatch());
        new OutOfDomainSplit(other, own).Load([5, 1, 4], View.Plain, both);
        Assert.Equal([1, -2, 0], both.Ids.ToArray());
        own.Load([1, 0], View.Plain, alone);
        Assert.Equal([alone.Labels[0], -1, alone.Labels[1]], both.Labels.ToArray());
        other.Load([1], View.Plain, alone);
        Assert.Equal(
            alone.Float32("pixel_values", [1, 28, 28]).ToArray(),
            both.Float32("pixel_values", [1, 28, 28]).Slice(784, 784).ToArray());
    }

    static Network Filled(double value)
    {
        var network =
            ModuleFactory.Create(() => new MlpOptions { Hidden = [3], Norm = MlpNorm.Layer }.Build(Few.Data.Info));
        using var still = torch.no_grad();
        foreach (var weight in network.parameters())
            weight.copy_(Enumerable.Repeat((float)value, (int)weight.numel()).ToArray().ToTensor(weight.shape));
        return network;
    }

    static IEnumerable<float> Weights(Network network) =>
        network.parameters().SelectMany(weight => weight.detach().ToFloatArray());
}
