using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Retort.Recipes;
using Retort.Tasks;

namespace Retort.Report;

/// <summary>The JSON Schema of <c>results.json</c>, made from its records and their summaries.</summary>
static class ResultsSchema
{
    // the records under details, by task
    static readonly (string Task, Type Record)[] s_details =
    [
        ("classification", typeof(ClassificationDetails)),
        ("multi-label\" or \"regression", typeof(TargetDetails)),
    ];

    /// <summary>Draft 2020-12.</summary>
    public static JsonNode Make()
    {
        var schema = Schema(typeof(Results));
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Results of a Retort run");
        schema.Remove("description");
        schema.Insert(2, "description", "Shares are fractions; the rest is nats, bytes and milliseconds. Scores are by "
            + "their names in task.scores; task.primary names the one that the verdict is about.");
        var properties = schema["properties"]!.AsObject();
        properties["details"] = new JsonObject
        {
            ["description"] = "What only the task has; absent for a task without details.",
            ["anyOf"] = new JsonArray([.. s_details.Select(one => (JsonNode)Details(one.Task, one.Record))]),
        };
        return schema;
    }

    static JsonObject Details(string task, Type record)
    {
        var schema = Schema(record);
        schema["description"] = $"Of the task \"{task}\".";
        foreach (var reference in References(schema).ToList())
            reference["$ref"] = $"#/properties/details/anyOf/{Index(task)}{((string)reference["$ref"]!)[1..]}";
        return schema;

        static int Index(string task) => Array.FindIndex(s_details, one => one.Task == task);
    }

    static IEnumerable<JsonObject> References(JsonNode? node) => node switch
    {
        JsonObject schema when schema["$ref"] is JsonValue => [schema],
        JsonObject schema => schema.SelectMany(pair => References(pair.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    static JsonObject Schema(Type record)
    {
        var options = new JsonSerializerOptions(Json.Indented) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        return options.GetJsonSchemaAsNode(record, new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Described,
        }).AsObject();
    }

    // a key's summary; for entries of a list or a dictionary that of their type
    static JsonNode Described(JsonSchemaExporterContext context, JsonNode node)
    {
        var summary = context.PropertyInfo is { AttributeProvider: PropertyInfo property }
            ? Descriptions.Of(property) : Descriptions.Of(context.TypeInfo.Type);
        if (summary.Length == 0) return node;

        var schema = node as JsonObject ?? [];                              // true allows anything
        schema.Insert(0, "description", summary);
        return schema;
    }
}
