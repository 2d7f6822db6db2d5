using System.Text.Json.Nodes;
using Retort.Tests.House;

namespace Retort.Tests.Studies;

/// <summary>
/// What docs/methods/disk.md claims, read from the results that are kept beside the recipes: six clusters in the plane,
/// 24 seeds, the same initial weights and order for both methods.
/// </summary>
public sealed class ScaffoldEvidenceTests
{
    [Fact]
    public void A_student_of_two_neurons_gains_at_least_three_points_on_KD()
    {
        var gains = Gains(hidden: 2);
        Assert.True(gains.Count >= 24);
        Assert.True(gains.Average() >= 3, $"{gains.Average():0.0} points.");
    }

    [Fact]
    public void Without_a_gap_there_is_no_gain()
    {
        var gains = Gains(hidden: 4);
        Assert.True(gains.Count >= 24);
        Assert.InRange(gains.Average(), -1, 1);
    }

    // DiSK less KD in points of accuracy, seed by seed
    static List<double> Gains(int hidden) =>
        [.. Accuracies($"clusters-{hidden}").Zip(Accuracies($"clusters-{hidden}-kd"), (disk, kd) => 100 * (disk - kd))];

    static IEnumerable<double> Accuracies(string name)
    {
        var results = JsonNode.Parse(File.ReadAllText(Repository.At($"recipes/disk/{name}.results.json")))!;
        return results["student"]!["scores"]!["accuracy"]!["values"]!.AsArray().Select(value => (double)value!);
    }
}
