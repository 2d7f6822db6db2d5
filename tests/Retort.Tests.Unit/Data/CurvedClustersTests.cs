using Retort.Data;

namespace Retort.Tests.Data;

public sealed class CurvedClustersTests
{
    static readonly CurvedClustersOptions s_options =
        new() { Examples = 400, ValidationExamples = 20, TestExamples = 30, Classes = 5 };

    [Fact]
    public void The_teacher_gets_the_latent_coordinates_and_the_student_their_map()
    {
        var data = s_options.Open();
        Assert.Equal((400, 20, 30), (data.Training.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal<long[]>([24], data.Info.Inputs[0].Shape);
        Assert.Equal<long[]>([6], data.Info.TeacherInputs![0].Shape);

        // spread .55 around the centers of 5 classes
        var batch = Load(data.Training, View.Plain, 400);
        var latent = batch.Float32(InputNames.Features, [6], teacher: true).ToArray();
        var labels = batch.Labels.ToArray();
        var squares = Enumerable.Range(0, 5).SelectMany(label => Enumerable.Range(0, 6).Select(k =>
        {
            var values = Enumerable.Range(0, 400).Where(i => labels[i] == label).Select(i => latent[i * 6 + k]);
            var mean = values.Average();
            return values.Average(value => (value - mean) * (value - mean));
        }));
        Assert.InRange(Math.Sqrt(squares.Average()), 0.52, 0.58);
    }

    [Fact]
    public void Noise_is_drawn_anew_in_every_training_pass_and_never_for_the_teacher()
    {
        var training = s_options.Open().Training;
        var (plain, first) = (Load(training, View.Plain, 50), Load(training, new(1, 0), 50));
        var again = Load(training, new(1, 0), 50);
        var second = Load(training, new(1, 1), 50);
        Assert.Equal(Features(first), Features(again));
        Assert.NotEqual(Features(first), Features(second));
        Assert.Equal((0, null, null), (plain.ViewIndex, first.ViewIndex, training.Views));
        var difference = Features(first).Zip(Features(plain), (one, other) => one - other).ToList();
        Assert.InRange(Math.Sqrt(difference.Average(value => value * value)), 0.045, 0.055);
        Assert.Equal(
            plain.Float32(InputNames.Features, [6], teacher: true).ToArray(),
            first.Float32(InputNames.Features, [6], teacher: true).ToArray());
        Assert.Equal(1, (s_options with { TrainingNoise = 0 }).Open().Training.Views);
    }

    [Fact]
    public void Another_seed_is_other_data()
    {
        var hash = s_options.Open().Hash;
        Assert.Equal(hash, s_options.Open().Hash);
        Assert.NotEqual(hash, (s_options with { Seed = 2 }).Open().Hash);
        Assert.NotEqual(hash, (s_options with { TrainingNoise = 0 }).Open().Hash);
    }

    static HostBatch Load(IDataSplit split, View view, int count)
    {
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, count)], view, batch);
        return batch;
    }

    static float[] Features(HostBatch batch) => batch.Float32(InputNames.Features, [24]).ToArray();
}
