using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>The page of everything a recipe can say, made from the options records.</summary>
public static class RecipePage
{
    /// <summary>Markdown: a table a record, the families after the recipe itself.</summary>
    public static string Make()
    {
        var recipe = Recipe.Info(typeof(Recipe));
        List<string> lines =
        [
            "# Every key of a recipe", "",
            "*Made from the options records by `retort schema --markdown`; [recipes.md](recipes.md) explains how a recipe is read.*",
            .. Section("## The recipe itself", "", recipe),
        ];
        HashSet<Type> shown = [];
        lines.AddRange(Plain(recipe, "##", shown));
        foreach (var family in Registry.Families)
        {
            lines.AddRange("", $"## {family.Word}", "", $"*{Descriptions.Of(family.Type)}*");
            foreach (var (name, type) in family.Members)
                lines.AddRange([.. Section($"### `\"name\": \"{name}\"`", Descriptions.OfOptions(type), Recipe.Info(type)), .. Plain(Recipe.Info(type), "####", shown)]);
        }
        return string.Join('\n', lines) + '\n';
    }

    // records that stand in a recipe without a name, each where it is met first: training, tuning, …
    static List<string> Plain(JsonTypeInfo info, string level, HashSet<Type> shown) => [.. OptionInfo.Of(info)
        .Where(option => option.Type.Kind == JsonTypeInfoKind.Object && option.Type.PolymorphismOptions is null && shown.Add(option.Type.Type))
        .SelectMany(option => Section($"{level} `{option.Key}`", Descriptions.Of(option.Type.Type), option.Type).Concat(Plain(option.Type, level, shown)))];

    static IEnumerable<string> Section(string title, string summary, JsonTypeInfo info)
    {
        var options = OptionInfo.Of(info);
        IEnumerable<string> head = ["", title, .. summary.Length > 0 ? (string[])["", $"*{summary}*"] : []];
        if (options.Count == 0) return [.. head, "", "No keys of its own."];
        return
        [
            .. head, "", "| key | value | when left out | what it is |", "|---|---|---|---|",
            .. options.Select(option => $"| `{option.Key}` | {Value(option)} | {Usual(option)} | {Cell(option.Summary)} |"),
        ];
    }

    static string Value(OptionInfo option)
    {
        var kind = option.Type.PolymorphismOptions is null ? option.Kind : "an object with a name";
        return Cell(option.Rule.Length == 0 ? kind : $"{kind}, {option.Rule}");
    }

    static string Usual(OptionInfo option) => option.Required ? "must be given" : option.Default switch
    {
        null => "none",
        JsonObject made when made["name"] is { } name => $"`{name.ToJsonString()}` with its defaults",
        JsonObject => "its defaults",
        var value => $"`{value.ToJsonString()}`",
    };

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
