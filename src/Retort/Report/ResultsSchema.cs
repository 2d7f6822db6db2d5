using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Retort.Runs;
using Retort.Training;

namespace Retort.Report;

/// <summary>The JSON Schema of <c>results.json</c>, made from its records.</summary>
static class ResultsSchema
{
    /// <summary>Draft 2020-12.</summary>
    public static JsonNode Make()
    {
        var format = new JsonSerializerOptions(Json.Indented) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var made = (JsonObject)format.GetJsonSchemaAsNode(typeof(Results), new() { TreatNullObliviousAsNonNullable = true });
        made.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        made.Insert(1, "title", "Results of a Retort run");
        made.Insert(2, "description", "Fractions, nats, bytes and milliseconds; docs/report.md says what each figure means.");
        return made;
    }
}
