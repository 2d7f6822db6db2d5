using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>The JSON Schema of recipes, made from the options records: gives editors completion, ranges and summaries.</summary>
public static partial class RecipeSchema
{
    /// <summary>The whole schema (draft 2020-12).</summary>
    public static JsonNode Make() => Make(typeof(Recipe), "A recipe of Retort");

    /// <summary>The same of another record that files describe.</summary>
    public static JsonNode Make(Type record, string title)
    {
        var schema = Recipe.Info(record).GetJsonSchemaAsNode(new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Completed(node, context),
        }).AsObject();
        schema["properties"]!.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string", ["description"] = "Where this schema lies, for editors." });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        return schema;
    }

    static JsonNode Completed(JsonNode node, JsonSchemaExporterContext context)
    {
        if (node is not JsonObject schema) return node;
        foreach (var option in context.TypeInfo.Kind == JsonTypeInfoKind.Object ? OptionInfo.Of(context.TypeInfo) : [])
            if (schema["properties"]?[option.Key] is JsonObject property) Complete(property, option);
        if (context.PropertyInfo is null && Descriptions.OfOptions(context.TypeInfo.Type) is { Length: > 0 } summary)
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
        if (property.ContainsKey("$ref")) return;             // the same option where it was met first
        foreach (var rule in option.Rules)
            if ((rule.Each ? property["items"] : property) is JsonObject place) Limit(place, rule.Text);
    }

    // the rules of Require, in its words: "between 0 and 1", "at least 0 and less than 1"
    static void Limit(JsonObject value, string rule)
    {
        if (Match(Between(), rule) is [var low, var high]) (value["minimum"], value["maximum"]) = (low, high);
        else if (rule.StartsWith("at least one ", StringComparison.Ordinal)) value["minItems"] = 1;
        else foreach (var bound in rule.Split(" and ")) Bound(value, bound);
    }

    static void Bound(JsonObject value, string bound)
    {
        if (Match(AtLeast(), bound) is [var least]) value["minimum"] = least;
        else if (Match(AtMost(), bound) is [var most]) value["maximum"] = most;
        else if (Match(Greater(), bound) is [var floor]) value["exclusiveMinimum"] = floor;
        else if (Match(Less(), bound) is [var ceiling]) value["exclusiveMaximum"] = ceiling;
    }

    static double[] Match(Regex pattern, string rule) => pattern.Match(rule) is { Success: true } match
        ? [.. match.Groups.Values.Skip(1).Select(group => double.Parse(group.Value, CultureInfo.InvariantCulture))]
        : [];

    [GeneratedRegex(@"^between (-?[\d.]+) and (-?[\d.]+)")]
    private static partial Regex Between();

    [GeneratedRegex(@"^at least (-?[\d.]+)")]
    private static partial Regex AtLeast();

    [GeneratedRegex(@"^at most (-?[\d.]+)")]
    private static partial Regex AtMost();

    [GeneratedRegex(@"^(?:greater|more|larger) than (-?[\d.]+)")]
    private static partial Regex Greater();

    [GeneratedRegex(@"^(?:less|smaller) than (-?[\d.]+)")]
    private static partial Regex Less();
}
