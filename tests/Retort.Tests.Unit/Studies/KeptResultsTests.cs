using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Tests.House;

namespace Retort.Tests.Studies;

/// <summary>What holds for all results that are kept beside recipes.</summary>
public sealed class KeptResultsTests
{
    public static TheoryData<string> Kept => [.. KeptResults.All];

    [Theory, MemberData(nameof(Kept))]
    public void They_fit_the_schema(string file)
    {
        var text = File.ReadAllText(Repository.At(file));
        Assert.Empty(new SchemaCheck(ResultsSchema.Make(), closed: true).Refusals(JsonNode.Parse(text)));
        var task = JsonSerializer.Deserialize<Results>(text, Json.Indented)!.Task;
        string[] primary = task.Name == "embedding" ? ["knn_1", "linear_probe"] : ["accuracy", "mcc", "return"];
        Assert.Contains(task.PrimaryScore.Name, primary);
    }
}
