using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>
/// The JSON Schema of recipes, made from the options records: it gives editors completion, ranges and summaries.
/// </summary>
public static class RecipeSchema
{
    /// <summary>The schema of recipes (draft 2020-12).</summary>
    public static JsonNode Make() => Make(typeof(Recipe), "A recipe of Retort");

    /// <summary>The schema of another record that is read as recipes are.</summary>
    public static JsonNode Make(Type record, string title)
    {
        var schema = RecipeFormat.Info(record).GetJsonSchemaAsNode(new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Complete(node, context),
        }).AsObject();
        schema["properties"]!.AsObject().Insert(0, "$schema", new JsonObject
        {
            ["type"] = "string",
            ["description"] = "The path or address of this schema, for editors.",
        });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        return schema;
    }

    static JsonNode Complete(JsonNode node, JsonSchemaExporterContext context)
    {
        if (node is not JsonObject schema) return node;

        var type = context.TypeInfo;
        foreach (var option in type.Kind == JsonTypeInfoKind.Object ? OptionInfo.Of(type) : [])
            if (schema["properties"]?[option.Key] is JsonObject property) Complete(property, option);
        if (type.Type == typeof(Normalization) && schema["type"] is JsonArray types)
        {
            types.Add("string");
            schema["pattern"] = $"^({string.Join('|', Normalization.Named.Keys)})$";     // of a text, not of an object
        }
        if (context.PropertyInfo is null && Descriptions.OfOptions(type.Type) is { Length: > 0 } summary)
            schema.Insert(0, "description", summary);
        return schema;
    }

    static void Complete(JsonObject property, OptionInfo option)
    {
        if (option.Summary.Length > 0)
        {
            property.Remove("description");
            property.Insert(0, "description", option.Summary);
        }
        if (option.Default is { } value) property["default"] = value.DeepClone();
        if (property.ContainsKey("$ref")) return;           // its bounds are where the type came first

        foreach (var rule in option.Rules)
        {
            var limited = option.IsList && rule is NumberRuleAttribute ? property["items"] : property;
            if (limited is JsonObject schema) rule.Limit(schema);
        }
    }
}
