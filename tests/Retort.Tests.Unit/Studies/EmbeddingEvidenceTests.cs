using System.Text.Json.Nodes;
using Retort.Tests.House;

namespace Retort.Tests.Studies;

/// <summary>
/// What docs/methods/compress.md claims, read from the results that are kept beside the recipes: three seeds on the
/// data set curved-clusters, accuracy of the nearest neighbor.
/// </summary>
public sealed class EmbeddingEvidenceTests
{
    [Theory]
    [InlineData("two-queues", "regression-unit")]
    [InlineData("two-queues", "regression-batch")]
    [InlineData("one-queue", "regression-unit")]
    [InlineData("one-queue", "regression-batch")]
    public void Similarities_to_anchors_keep_neighbors_better_than_a_regression(string queues, string regression)
    {
        Assert.True(Of("compress", queues).Seeds >= 3 && Of("embedding-regression", regression).Seeds >= 3);
        Assert.True(Of("compress", queues).Mean > Of("embedding-regression", regression).Mean);
    }

    [Fact]
    public void At_temperature_1_neighbors_are_worse_by_at_least_five_points() =>
        Assert.True(Of("compress", "temperature-1").Mean <= Of("compress", "two-queues").Mean - 0.05);

    [Theory]
    [InlineData("two-queues")]
    [InlineData("one-queue")]
    public void The_student_comes_within_five_points_of_its_teacher(string queues) =>
        Assert.True(Of("compress", queues).Mean >= Of("compress", queues, "teacher").Mean - 0.05);

    static (double Mean, int Seeds) Of(string method, string name, string role = "student")
    {
        var file = Repository.At($"recipes/{method}/curved-{name}.results.json");
        var network = JsonNode.Parse(File.ReadAllText(file))![role]!;
        var score = network["scores"]!["knn_1"]!;
        return ((double)score["mean"]!, score["values"]!.AsArray().Count);
    }
}
