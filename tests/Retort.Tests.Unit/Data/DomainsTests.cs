using Retort.Data;
using Retort.Recipes;

namespace Retort.Tests.Data;

public sealed class DomainsTests
{
    static readonly DomainsOptions s_options = new()
    {
        Examples = 600, TeacherExamples = 300, ValidationExamples = 20, TestExamples = 30, TrainedOn = [2],
        TestedOn = [3, 6],
    };

    [Fact]
    public void Splits_have_the_domains_that_they_name_and_the_teacher_all()
    {
        var data = s_options.Open();
        Assert.Equal(80, data.Info.Classes.Count);
        Assert.Equal("domain 2, cluster 1", data.Info.Classes[17]);
        Assert.Equal([2], DomainsOf(data.Training));
        Assert.Equal([2], DomainsOf(data.Validation));
        Assert.Equal([3, 6], DomainsOf(data.Test));
        Assert.Equal(Enumerable.Range(0, 10).Select(domain => (long)domain), DomainsOf(data.TeacherTraining!));

        static IEnumerable<long> DomainsOf(IDataSplit split) =>
            Load(split).Labels.ToArray().Select(label => label / 8).Distinct().Order();
    }

    [Fact] // around its class's mean an example varies in 10 of 40 directions: the mean square is 10 · .81 / 40
    public void Examples_vary_within_the_domains_subspace()
    {
        var batch = Load(s_options.Open().Training);
        var (features, labels) = (batch.Float32(InputNames.Features, [40]).ToArray(), batch.Labels.ToArray());
        var squares = Enumerable.Range(0, 8).SelectMany(cluster => Enumerable.Range(0, 40).Select(d =>
        {
            var values = Enumerable.Range(0, 600).Where(i => labels[i] == 16 + cluster)
                .Select(i => features[i * 40 + d]).ToList();
            var mean = values.Average();
            return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        }));
        Assert.InRange(squares.Average(), 0.18, 0.225);
    }

    [Fact]
    public void Another_seed_is_other_data()
    {
        Assert.Equal(s_options.Open().Hash, s_options.Open().Hash);
        Assert.NotEqual(s_options.Open().Hash, (s_options with { Seed = 2 }).Open().Hash);
        Assert.NotEqual(s_options.Open().Hash, (s_options with { TestedOn = [3] }).Open().Hash);
    }

    [Fact]
    public void A_domain_that_is_not_there_is_refused()
    {
        Assert.Contains(
            "TrainedOn must name domains below count, 10; it has 10.",
            Assert.ThrowsAny<Exception>(() => new DomainsOptions { TrainedOn = [0, 10] }.Open()).Message);
        Assert.Contains(
            "SubspaceWidth must be at most width, 40; it is 41.",
            Assert.ThrowsAny<Exception>(() => new DomainsOptions { SubspaceWidth = 41 }.Open()).Message);
    }

    static HostBatch Load(IDataSplit split)
    {
        var batch = new HostBatch();
        split.Load([.. Enumerable.Range(0, split.Count)], View.Plain, batch);
        return batch;
    }
}
