using Retort.Data;
using Retort.Data.Augmentation;

namespace Retort.Tests.Data;

public sealed class SplitTests
{
    static IdxOptions Shipped => new() { Path = DataFiles.Shipped("fashion-mnist-12k") };

    [Fact]
    public void A_thousand_labels_are_a_hundred_of_each_class()
    {
        var data = (Shipped with { LabelledExamples = 1000 }).Open();
        Assert.Equal((9000, 9000, 1000), (data.Training.Count, data.TeacherTraining.Count, data.Labelled.Count));
        var (labels, ids) = All(data.Training);
        var known = labels.Zip(ids).Where(pair => pair.First >= 0).ToList();
        Assert.All(known.CountBy(pair => pair.First), pair => Assert.Equal(100, pair.Value));
        Assert.Equal(known.Select(pair => pair.Second), All(data.Labelled).Ids);
        Assert.DoesNotContain(-1, All(data.TeacherTraining).Labels);
        Assert.Equal(ids, All(data.TeacherTraining).Ids);
    }

    [Fact]
    public void Splits_share_no_example_and_lose_none()
    {
        var data = Shipped.Open();
        int[] ids = [.. All(data.Training).Ids, .. All(data.Validation).Ids, .. All(data.Test).Ids];
        Assert.Equal(Enumerable.Range(0, 12_000), ids.Order());
    }

    [Fact] // a changed value here changes every run that was ever recorded
    public void The_split_stays_what_it_was()
    {
        var data = (Shipped with { LabelledExamples = 1000 }).Open();
        Assert.Equal((4997289, "0 18 33 51 82 90"), Digest(All(data.Validation).Ids));
        Assert.Equal((4936502, "10 23 26 34 35 66"), Digest(All(data.Labelled).Ids));

        static (int Sum, string First) Digest(List<int> ids) => (ids.Sum(), string.Join(' ', ids.Take(6)));
    }

    [Fact]
    public void A_limit_takes_as_many_of_each_class_and_leaves_validation_alone()
    {
        var (whole, few) = (Shipped.Open(), (Shipped with { MaxExamples = 50 }).Open());
        Assert.All(All(few.Training).Labels.CountBy(label => label), pair => Assert.Equal(5, pair.Value));
        Assert.Equal(All(whole.Validation).Ids, All(few.Validation).Ids);
    }

    [Fact]
    public void The_hash_follows_contents_split_labels_and_normalization_and_not_the_augmentation()
    {
        var options = new IdxOptions { Path = DataFiles.Idx() };
        var hash = options.Open().Hash;
        Assert.Matches("^[0-9a-f]{64}$", hash);
        Assert.Equal(hash, (options with { Path = DataFiles.Idx(zipped: true) }).Open().Hash);
        Assert.Equal(hash, (options with { Augmentation = [new FlipOptions()] }).Open().Hash);
        IdxOptions[] others =
        [
            options with { SplitSeed = 3 },
            options with { Validation = 2 },
            options with { LabelledExamples = 4 },
            options with { Normalization = new(255, [0], [1]) },
            options with { Path = DataFiles.Idx(other: ("t10k-labels-idx1-ubyte", DataFiles.IdxLabels(1, 1, 0, 1))) },
        ];
        Assert.Equal(others.Length + 1, others.Select(other => other.Open().Hash).Append(hash).Distinct().Count());
    }

    // 9,000 training and 1,000 validation labels: three in ten are 2,700 and 300; no class is replaced by itself
    [Theory]
    [InlineData(0.3, 2700, 300)]
    [InlineData(1, 9000, 1000)]
    public void Label_noise_changes_exactly_its_share_of_training_and_validation_and_never_the_test(
        double share, int training, int validation)
    {
        var (clean, noisy) = (Shipped.Open(), (Shipped with { LabelNoise = share }).Open());
        Assert.Equal(training, Changed(data => data.Training));
        Assert.Equal(validation, Changed(data => data.Validation));
        Assert.Equal(0, Changed(data => data.Test));
        Assert.Equal(All(noisy.Training).Labels, All(noisy.TeacherTraining).Labels);
        var again = (Shipped with { LabelNoise = share }).Open();
        Assert.Equal(All(noisy.Training).Labels, All(again.Training).Labels);
        Assert.NotEqual(clean.Hash, noisy.Hash);

        // each other class is as likely: a ninth, plus or minus five standard deviations
        var steps = All(clean.Training).Labels.Zip(All(noisy.Training).Labels)
            .Where(pair => pair.First != pair.Second)
            .CountBy(pair => (pair.Second - pair.First + 10) % 10)
            .ToList();
        var (ninth, margin) = (training / 9.0, 5 * Math.Sqrt(training / 9.0));
        Assert.Equal(9, steps.Count);
        Assert.All(steps, pair => Assert.InRange(pair.Value, ninth - margin, ninth + margin));

        int Changed(Func<Dataset, IDataSplit> split) =>
            All(split(clean)).Labels.Zip(All(split(noisy)).Labels).Count(pair => pair.First != pair.Second);
    }

    [Fact]
    public void Label_noise_follows_the_seed_of_the_split_and_is_in_the_hash()
    {
        var options = new IdxOptions { Path = DataFiles.Idx(), LabelNoise = 0.5 };
        Assert.Equal(options.Open().Hash, options.Open().Hash);
        Assert.NotEqual((options with { LabelNoise = 0 }).Open().Hash, options.Open().Hash);
        Assert.Throws<ArgumentOutOfRangeException>((options with { LabelNoise = 1.1 }).Open);
    }

    [Fact]
    public void What_does_not_fit_the_data_is_refused()
    {
        var options = new IdxOptions { Path = DataFiles.Idx() };
        Refused(
            options with { LabelledExamples = 10 },
            "has 9 training examples after the split; the option \"labelledExamples\" wants 10 of them labelled.");
        Refused(options with { Validation = 10 }, "has 10 examples to take 10 for validation from");
        Refused(options with { Test = 2 }, "brings 4 test examples of its own: leave the option \"test\" out.");
        Refused(
            options with { Normalization = new(255, [0, 0, 0], [1, 1, 1]) },
            "has 1 channels; the option \"normalization\" gives 3 means");
        Refused(
            options with { Augmentation = [new CropOptions { Pad = 2 }] },
            "has images of 2 × 3; the augmentation \"crop\" needs a \"pad\" smaller than each side, not 2.");
        Assert.Throws<ArgumentOutOfRangeException>((options with { Validation = 1.5 }).Open);
    }

    [Fact]
    public void A_class_that_the_split_leaves_without_a_training_example_is_refused()
    {
        var table = Path.Combine(Directory.CreateTempSubdirectory("retort-split-").FullName, "t.csv");
        File.WriteAllText(table, string.Concat(Enumerable.Repeat("1,a\n2,b\n", 20)) + "3,rare\n");
        var all = Enumerable.Range(1, 8).Select(seed => new CsvOptions { Path = table, SplitSeed = seed }).ToList();
        var refused = all.Select(options => Record.Exception(options.Open)).OfType<InvalidDataException>().ToList();
        Assert.InRange(refused.Count, 1, 7);
        Assert.All(refused, error => Assert.Equal(
            $"{table} has no training example of class \"rare\" after the split; it has 1 for validation and test: "
            + "give the class more examples, leave it out, or change \"splitSeed\".",
            error.Message));
        var few = Assert.Throws<InvalidDataException>(
            (all[0] with { Validation = 1, Test = 1, MaxExamples = 2 }).Open);
        Assert.EndsWith("or change \"maxExamples\".", few.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixup_is_refused_where_it_is_not_last_or_there_twice()
    {
        var options = new IdxOptions { Path = DataFiles.Idx(), Augmentation = [new MixupOptions(), new FlipOptions()] };
        var error = Assert.Throws<ArgumentOutOfRangeException>(options.Open);
        Assert.Contains(
            "Augmentation must have \"mixup\" once and last, because it mixes examples that all others have changed; "
            + "it is number 1 of 2.", error.Message, StringComparison.Ordinal);
        options = options with { Augmentation = [new MixupOptions(), new MixupOptions()] };
        Assert.Throws<ArgumentOutOfRangeException>(options.Open);
        Assert.NotNull((options with { Augmentation = [new FlipOptions(), new MixupOptions()] }).Open());
    }

    static (List<long> Labels, List<int> Ids) All(IDataSplit split)
    {
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
        return ([.. batch.Labels], [.. batch.Ids]);
    }

    static void Refused(IdxOptions options, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(options.Open).Message, StringComparison.Ordinal);
}
