using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

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
        foreach (var plain in Plain(recipe)) lines.AddRange(Section($"## {Title(plain.Type)}", Descriptions.Of(plain.Type), plain));
        foreach (var family in Catalogue.Families)
        {
            lines.AddRange("", $"## {family.Word}", "", $"*{Descriptions.Of(family.Type)}*");
            foreach (var (name, type) in family.Members)
                lines.AddRange(Section($"### `\"name\": \"{name}\"`", Descriptions.OfOptions(type), Recipe.Info(type)));
        }
        return string.Join('\n', lines) + '\n';
    }

    static string Title(Type type) => $"`{char.ToLowerInvariant(type.Name[0])}{type.Name[1..].Replace("Options", "", StringComparison.Ordinal)}`";

    // records that stand in a recipe without a name: training, tuning, …
    static IEnumerable<JsonTypeInfo> Plain(JsonTypeInfo info) => RecipeOption.Of(info).Select(option => option.Type)
        .Where(type => type.Kind == JsonTypeInfoKind.Object && type.PolymorphismOptions is null);

    static IEnumerable<string> Section(string title, string summary, JsonTypeInfo info)
    {
        var options = RecipeOption.Of(info);
        IEnumerable<string> head = ["", title, .. summary.Length > 0 ? (string[])["", $"*{summary}*"] : []];
        if (options.Count == 0) return [.. head, "", "No keys of its own."];
        return
        [
            .. head, "", "| key | value | when left out | what it is |", "|---|---|---|---|",
            .. options.Select(option => $"| `{option.Key}` | {Value(option)} | {Usual(option)} | {Cell(option.Summary)} |"),
        ];
    }

    static string Value(RecipeOption option)
    {
        var kind = option.Type.PolymorphismOptions is null ? option.Kind : "an object with a `name`";
        return Cell(option.Rule.Length == 0 ? kind : $"{kind}, {option.Rule.Replace("; ", ", ", StringComparison.Ordinal)}");
    }

    static string Usual(RecipeOption option) => option.Required ? "must be given" : option.Default switch
    {
        null => "none",
        JsonObject made when made["name"] is { } name => $"`{name.ToJsonString()}` with its defaults",
        JsonObject => "its defaults",
        var value => $"`{value.ToJsonString()}`",
    };

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
