using System.Text.Json.Nodes;
using Retort.Tests.House;

namespace Retort.Tests.Studies;

/// <summary>
/// What docs/methods/sldd.md claims, read from the results that are kept beside the recipes: with fewer samples than
/// classes learned labels are what matters, and distilled samples are far above as many real ones.
/// </summary>
public sealed class DistilledEvidenceTests
{
    [Fact]
    public void Five_samples_with_learned_labels_teach_ten_digits() =>
        Assert.True(Mean("digits-5", "student") >= 85, $"{Mean("digits-5", "student"):0.0} %.");

    [Theory]
    [InlineData(5)]
    [InlineData(3)]
    public void With_fewer_samples_than_classes_learned_labels_gain_fifteen_points(int samples)
    {
        var gain = Mean($"digits-{samples}", "student") - Mean($"digits-{samples}-static", "student");
        Assert.True(gain >= 15, $"{gain:0.0} points.");
    }

    [Theory]
    [InlineData("digits-10")]
    [InlineData("digits-5")]
    [InlineData("digits-3")]
    public void Distilled_samples_are_thirty_points_above_as_many_real_ones(string recipe)
    {
        var gain = Mean(recipe, "student") - Mean(recipe, "control");
        Assert.True(gain >= 30, $"{gain:0.0} points.");
    }

    static double Mean(string recipe, string who)
    {
        var results = JsonNode.Parse(File.ReadAllText(Repository.At($"recipes/sldd/{recipe}.results.json")))!;
        var values = results[who]!["scores"]!["accuracy"]!["values"]!.AsArray();
        Assert.True(values.Count >= 3);
        return 100 * values.Average(value => (double)value!);
    }
}
