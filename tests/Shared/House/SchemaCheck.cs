using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Tests.House;

/// <summary>The part of JSON Schema that our schemas use, as a second reader beside our own.</summary>
/// <param name="root">The schema.</param>
/// <param name="closed">Whether a key is refused too that a schema neither has nor forbids.</param>
sealed class SchemaCheck(JsonNode root, bool closed = false)
{
    /// <summary>What of the node the schema refuses; empty where it fits.</summary>
    public IReadOnlyList<string> Refusals(JsonNode? node) => Refusals(node, root, "$");

    IReadOnlyList<string> Refusals(JsonNode? node, JsonNode schema, string path)
    {
        if (schema is JsonValue allowed) return allowed.GetValue<bool>() ? [] : [$"{path}: nothing is allowed here"];
        var rules = schema.AsObject();
        List<string> wrong = [.. rules["$ref"] is { } elsewhere ? Refusals(node, At((string)elsewhere!), path) : []];
        if (rules["type"] is { } type
            && !Types(type).Contains(Kind(node))
            && !(Kind(node) == "integer" && Types(type).Contains("number")))
            return [$"{path}: {Kind(node)} is not {type.ToJsonString()}"];
        if (rules["const"] is { } only && !JsonNode.DeepEquals(only, node))
            wrong.Add($"{path}: not {only.ToJsonString()}");
        if (rules["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, node)))
            wrong.Add($"{path}: not one of {words.ToJsonString()}");
        if (node is JsonObject given) wrong.AddRange(Object(given, rules, path));
        if (node is JsonArray list && rules["items"] is { } items)
            wrong.AddRange(list.SelectMany((entry, i) => Refusals(entry, items, $"{path}[{i}]")));
        if (node is JsonArray few && rules["minItems"] is { } least && few.Count < (int)least)
            wrong.Add($"{path}: too few entries");
        if (Kind(node) is "integer" or "number") wrong.AddRange(Limits((double)node!, rules, path));
        if (rules["anyOf"] is JsonArray ways && ways.All(way => Refusals(node, way!, path).Count > 0))
            wrong.Add($"{path}: fits none of {ways.Count} ways "
                + $"({string.Join(" | ", ways.SelectMany(way => Refusals(node, way!, path)))})");
        return wrong;
    }

    // "#/properties/teacher/anyOf/0"
    JsonNode At(string pointer) => pointer.Split('/').Skip(1).Aggregate(
        root,
        (node, step) => node is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : node[step]!);

    IEnumerable<string> Object(JsonObject given, JsonObject rules, string path)
    {
        var properties = rules["properties"] as JsonObject ?? [];
        foreach (var needed in rules["required"] as JsonArray ?? [])
            if (!given.ContainsKey((string)needed!)) yield return $"{path}: {needed} is missing";
        foreach (var (key, value) in given)
        {
            if (properties[key] is { } rule)
                foreach (var wrong in Refusals(value, rule, $"{path}.{key}")) yield return wrong;
            else if (rules["additionalProperties"] is { } others)
                foreach (var wrong in Refusals(value, others, $"{path}.{key}")) yield return wrong;
            else if (closed && rules["properties"] is not null) yield return $"{path}.{key}: not in the schema";
        }
    }

    static IEnumerable<string> Limits(double number, JsonObject rules, string path)
    {
        if (rules["minimum"] is { } least && number < (double)least) yield return $"{path}: {number} is below {least}";
        if (rules["maximum"] is { } most && number > (double)most) yield return $"{path}: {number} is above {most}";
        if (rules["exclusiveMinimum"] is { } floor && number <= (double)floor)
            yield return $"{path}: {number} is not above {floor}";
        if (rules["exclusiveMaximum"] is { } ceiling && number >= (double)ceiling)
            yield return $"{path}: {number} is not below {ceiling}";
    }

    static List<string> Types(JsonNode type) =>
        type is JsonArray several ? [.. several.Select(one => (string)one!)] : [(string)type!];

    static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => node.ToJsonString().AsSpan().ContainsAny(".eE") ? "number" : "integer",
    };
}
