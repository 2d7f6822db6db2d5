using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Retort.Recipes;

/// <summary>Settings for one run, <c>path=value</c>, applied to a recipe's tree before it is read.</summary>
static class RecipeSettings
{
    /// <summary>
    /// Sets one value. The path goes through objects by key and through lists by index; objects that are missing are
    /// made. The value is JSON, or else the text as it is.
    /// </summary>
    /// <param name="text">The recipe.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="source">Where it comes from, for messages: <c>--set</c>.</param>
    public static void Apply(RecipeText text, string setting, string source)
    {
        var origin = $"{source} {setting}";
        var (path, value) = Split(setting, origin);
        var keys = path.Split('.');
        if (keys.Any(key => key.Length == 0)) throw new InvalidDataException(
            $"{origin}: a path is keys with one point between them, as in method.temperature=4.");

        var node = text.Tree;
        var nodePath = "";
        foreach (var key in keys[..^1])
        {
            var childPath = nodePath.Length == 0 ? key : $"{nodePath}.{key}";
            var child = Find(node, key, nodePath, origin);
            if (child is null)
            {
                child = new JsonObject();
                Put(node, key, child, nodePath, origin);
                text.SetOrigin(childPath, origin);
            }
            (node, nodePath) = (child, childPath);
        }
        Put(node, keys[^1], ParseValue(value), nodePath, origin);
        text.SetOrigin(path, origin);
    }

    static (string Path, string Value) Split(string setting, string origin) =>
        setting.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at
            ? (setting[..at].Trim(), setting[(at + 1)..])
            : throw new InvalidDataException($"{origin}: a setting is path=value, as in method.temperature=4.");

    static JsonNode? Find(JsonNode node, string key, string path, string origin) => node switch
    {
        JsonObject record => record[key],
        JsonArray list => list[Index(list, key, list.Count - 1, path, origin)],
        _ => throw NothingInside(node, path, origin),
    };

    static void Put(JsonNode node, string key, JsonNode? value, string path, string origin)
    {
        if (node is JsonObject record)
        {
            record[key] = value;
            return;
        }
        if (node is not JsonArray list) throw NothingInside(node, path, origin);

        var index = Index(list, key, list.Count, path, origin);
        if (index < list.Count) list[index] = value;
        else list.Add(value);
    }

    static int Index(JsonArray list, string key, int last, string path, string origin) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last
            ? index
            : throw new InvalidDataException(Invariant(
                $"{origin}: {path} is a list of {list.Count}, numbered from 0; it has no {key}."));

    static InvalidDataException NothingInside(JsonNode node, string path, string origin) =>
        new($"{origin}: {path} is {node.ToJsonString()}, which has nothing inside.");

    static JsonNode? ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
