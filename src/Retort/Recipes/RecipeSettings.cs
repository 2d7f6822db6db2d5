using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>Settings for one run, <c>path=value</c>, put into a recipe's tree before it is read.</summary>
static class RecipeSettings
{
    /// <summary>
    /// Sets one value. The path goes through objects by key and through lists by number, making the objects that are
    /// missing; the value is JSON, or else the text as it stands.
    /// </summary>
    public static void Put(RecipeText text, string setting)
    {
        var origin = $"--set {setting}";
        var (path, value) = Split(setting, origin);
        var keys = path.Split('.');
        if (keys.Any(key => key.Length == 0)) throw new InvalidDataException($"{origin}: a path is keys with one point between them, as in method.temperature=4.");
        var at = text.Tree;
        var walked = "";
        for (var i = 0; i < keys.Length; i++)
        {
            var below = walked.Length == 0 ? keys[i] : $"{walked}.{keys[i]}";
            if (i == keys.Length - 1) Place(at, keys[i], Value(value), walked, origin);
            else at = Find(at, keys[i], walked, origin) ?? Made(at, keys[i], walked, origin, () => text.ComesFrom(below, origin));
            walked = below;
        }
        text.ComesFrom(path, origin);
    }

    static (string Path, string Value) Split(string setting, string origin) =>
        setting.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at
            ? (setting[..at].Trim(), setting[(at + 1)..])
            : throw new InvalidDataException($"{origin}: a setting is path=value, as in method.temperature=4.");

    static JsonNode? Find(JsonNode at, string key, string walked, string origin) => at switch
    {
        JsonObject given => given[key],
        JsonArray list => list[Index(list, key, list.Count - 1, walked, origin)],
        _ => throw new InvalidDataException($"{origin}: {walked} is {at.ToJsonString()}, which has nothing inside."),
    };

    static JsonObject Made(JsonNode at, string key, string walked, string origin, Action made)
    {
        var child = new JsonObject();
        Place(at, key, child, walked, origin);
        made();
        return child;
    }

    static void Place(JsonNode at, string key, JsonNode? value, string walked, string origin)
    {
        if (at is JsonObject given) given[key] = value;
        else if (at is JsonArray list && Index(list, key, list.Count, walked, origin) is var index && index < list.Count) list[index] = value;
        else if (at is JsonArray longer) longer.Add(value);
        else throw new InvalidDataException($"{origin}: {walked} is {at.ToJsonString()}, which has nothing inside.");
    }

    static int Index(JsonArray list, string key, int last, string walked, string origin) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last
            ? index
            : throw new InvalidDataException(FormattableString.Invariant(
                $"{origin}: {walked} is a list of {list.Count}, numbered from 0; it has no {key}."));

    static JsonNode? Value(string text)
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
