using Retort.Data;

namespace Retort.Tests.Data;

public sealed class LookUpTests
{
    static readonly LookUpOptions s_options =
        new() { Examples = 40, TeacherExamples = 100, Validation = 20, Test = 30 };

    [Fact]
    public void The_label_is_the_color_of_the_token_whose_shape_the_last_one_names()
    {
        var data = s_options.Open();
        var batch = new HostBatch();
        data.Test.Load([.. Enumerable.Range(0, 30)], View.Plain, batch);
        var ids = batch.Int64(InputNames.InputIds, [7]);
        for (var i = 0; i < 30; i++)
        {
            var row = ids.Slice(i * 7, 7).ToArray();
            var objects = row[1..6].Select(id => ((id - 2) / 6, (id - 2) % 6)).ToList();
            Assert.Equal((1, 5), (row[0], objects.Select(one => one.Item1).Distinct().Count()));
            var wanted = objects.Single(one => one.Item1 == row[6] - 2 - 42);
            Assert.Equal(wanted.Item2, batch.Labels[i]);
        }
        Assert.Equal([0, 0, 0, 0, 0, 0, 1], batch.Int64(InputNames.TokenTypeIds, [7])[..7].ToArray());
        Assert.DoesNotContain(0, batch.Int64(InputNames.AttentionMask, [7]).ToArray());
        Assert.Equal(51, data.Info.Input(InputNames.InputIds)!.Vocabulary);
    }

    [Fact]
    public void The_students_examples_are_the_first_of_the_teachers()
    {
        var data = s_options.Open();
        Assert.Equal((40, 40, 100, 20, 30), (data.Training.Count, data.Labelled.Count, data.TeacherTraining.Count,
            data.Validation.Count, data.Test.Count));
        var (own, teacher) = (new HostBatch(), new HostBatch());
        data.Training.Load([3, 39], View.Plain, own);
        data.TeacherTraining.Load([3, 39], View.Plain, teacher);
        Assert.Equal(
            own.Int64(InputNames.InputIds, [7]).ToArray(), teacher.Int64(InputNames.InputIds, [7]).ToArray());
    }

    [Fact]
    public void Another_seed_or_size_is_other_data()
    {
        var hash = s_options.Open().Hash;
        Assert.Equal(hash, s_options.Open().Hash);
        Assert.NotEqual(hash, (s_options with { Seed = 2 }).Open().Hash);
        Assert.NotEqual(hash, (s_options with { Examples = 41 }).Open().Hash);
        Assert.Throws<ArgumentOutOfRangeException>(() => (s_options with { Shapes = 4 }).Open());
        Assert.Throws<ArgumentOutOfRangeException>(() => (s_options with { Examples = 101 }).Open());
    }
}
