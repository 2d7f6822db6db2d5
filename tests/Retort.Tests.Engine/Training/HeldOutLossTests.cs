using Retort.Tests.Contract;
using Retort.Training;
using static TorchSharp.torch;

namespace Retort.Tests.Training;

/// <summary>A method's terms on examples that are not trained on.</summary>
public sealed class HeldOutLossTests
{
    // batches of 5 and 3 rows whose terms are the means of 0..4 and 5..7: (5 · 2 + 3 · 6) / 8
    [Fact]
    public void The_mean_is_over_examples_not_over_batches()
    {
        using var network = Few.Network(4, seed: 3);
        using var method = new Counting();
        var split = new Rows(Few.Data.Validation, 8);
        Assert.Equal(3.5, HeldOutLoss.Terms(method, network, NoTeacher, new(split, 5, 1, CPU))["positions"], 1e-6);
        Assert.Equal([5, 3], method.Batches);
    }

    [Fact]
    public void It_leaves_modes_gradients_and_the_generator_as_they_were()
    {
        using var network = Few.Network(4, seed: 3);
        using var method = new Counting();
        network.train();
        manual_seed(5);
        using var scope = NewDisposeScope();
        var expected = randn(4).ToFloatArray();
        manual_seed(5);
        HeldOutLoss.Terms(method, network, NoTeacher, new(Few.Data.Validation, 16, 1, CPU));
        Assert.Equal(expected, randn(4).ToFloatArray());
        Assert.True(network.training);
        Assert.False(method.SawTraining);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    static Outputs NoTeacher(Batch batch, int[] positions) => new();

    /// <summary>A term that draws from libtorch's generator and notes what it sees.</summary>
    sealed class Counting : DistillationLoss
    {
        int _next;

        public List<int> Batches { get; } = [];

        public bool SawTraining { get; private set; }

        public override RequiredOutputs Requires => new(OutputSet.None, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            SawTraining |= student.Logits.requires_grad;
            Batches.Add(batch.Count);
            var positions = Enumerable.Range(_next, batch.Count).Average();
            _next += batch.Count;
            using var drawn = rand(1);
            return new() { ["positions"] = tensor((float)positions) };
        }
    }

    /// <summary>The first examples of a split.</summary>
    sealed class Rows(IDataSplit split, int count) : IDataSplit
    {
        public int Count => count;

        public DatasetInfo Info => split.Info;

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into) => split.Load(positions, view, into);
    }
}
