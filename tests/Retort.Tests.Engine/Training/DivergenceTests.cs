using Retort.Tests.Contract;
using Retort.Training;

namespace Retort.Tests.Training;

/// <summary>Trainings that stop at a number that is none.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public void A_loss_that_is_no_number_stops_the_training_with_step_and_term_and_keeps_the_last_good_checkpoint()
    {
        var folder = Few.Folder();
        var error = Assert.Throws<DivergedException>(() => Few.Train(Few.Job(folder, _ => new Breaking(inStep: 7))));
        Assert.StartsWith("student-seed1: the term \"soft\" of the loss is no longer a finite number at step 7 of 12; "
            + $"the last good checkpoint, of step 6, is kept in {folder}.", error.Message, StringComparison.Ordinal);

        using var scope = torch.NewDisposeScope();
        var (tensors, place) = Checkpoint.Read(
            Path.Combine(folder, "checkpoint.safetensors"), "few", torch.get_num_threads());
        Assert.Equal(6, place.Step);
        Assert.Null(Checkpoint.NotFinite(tensors.Select(pair => (pair.Key, pair.Value))));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_never_saved()
    {
        var folder = Few.Folder();
        var error = Assert.Throws<DivergedException>(
            () => Few.Train(Few.Job(folder, _ => new Breaking(inStep: 3, onlyGradient: true))));
        Assert.Contains("'student/", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "at step 3 of 12; the last good checkpoint, of step 2,", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NaN_in_the_data_is_distinguished_from_divergence()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task)) with
        {
            Data = new Poisoned(Few.Data.Training),
        };
        var error = Assert.Throws<DivergedException>(() => Few.Train(job));
        Assert.Contains(
            "at step 1 of 12; there is no good checkpoint before it. The batch's pixel_values are not finite to begin "
            + "with",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact] // one step of 1e30 leaves weights that are numbers, and answers of their products, which are none
    public void Answers_on_validation_that_are_no_numbers_stop_it_though_the_weights_still_are()
    {
        var job = Few.Job(Few.Folder(), _ => new Retort.Methods.LabelsOnly(Few.Task));
        var error = Assert.Throws<DivergedException>(
            () => Few.Train(job with { StepsPerEpoch = 1, Options = job.Options with { LearningRate = 1e30 } }));
        Assert.StartsWith(
            "student-seed1: an output on validation is no longer a finite number at step 1 of 12; ",
            error.Message,
            StringComparison.Ordinal);
    }

    /// <summary>A loss that is NaN in one term, or has NaN only in its gradient: √ at 0.</summary>
    sealed class Breaking(int inStep, bool onlyGradient = false) : DistillationLoss
    {
        int _step;

        public override RequiredOutputs Requires => new(OutputSet.None, Output.Logits);

        public override LossTerms Compute(Batch batch, Outputs teacher, Outputs student)
        {
            var breaks = ++_step == inStep;
            return new()
            {
                ["labels"] = batch.CrossEntropy(student.Logits),
                ["soft"] = !breaks ? student.Logits.mean()
                    : onlyGradient ? (student.Logits.sum() * 0).sqrt() * 0
                    : student.Logits.mean() * float.NaN,
            };
        }
    }

    sealed class Poisoned(IDataSplit data) : IDataSplit
    {
        public int Count => data.Count;
        public DatasetInfo Info => data.Info;

        public void Load(ReadOnlySpan<int> positions, View view, HostBatch into)
        {
            data.Load(positions, view, into);
            if (!view.IsPlain) into.Float32("pixel_values", [1, 28, 28])[5] = float.NaN;
        }
    }
}
