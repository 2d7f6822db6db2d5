using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>The page of all keys of a recipe, made from the options records.</summary>
public static class RecipePage
{
    /// <summary>Markdown: one table for each record, the recipe itself first.</summary>
    public static string Make()
    {
        var recipe = RecipeFormat.Info(typeof(Recipe));
        HashSet<Type> shown = [];
        List<string> lines =
        [
            "# Every key of a recipe",
            "",
            "*Made from the options records by `retort schema --markdown`; "
                + "[recipes.md](recipes.md) explains how a recipe is read.*",
            .. Section("## The recipe itself", "", recipe),
            .. NestedRecords(recipe, "##", shown),
        ];
        foreach (var (word, type, members) in Registry.Families)
        {
            lines.AddRange("", $"## {word}", "", $"*{Descriptions.Of(type)}*");
            foreach (var (name, member) in members)
            {
                var record = RecipeFormat.Info(member);
                lines.AddRange(Section($"### `\"name\": \"{name}\"`", Descriptions.OfOptions(member), record));
                lines.AddRange(NestedRecords(record, "####", shown));
            }
        }
        return string.Join('\n', lines) + '\n';
    }

    // records that are in a recipe without a name, each once: training, tuning, …
    static List<string> NestedRecords(JsonTypeInfo record, string level, HashSet<Type> shown)
    {
        List<string> lines = [];
        foreach (var option in OptionInfo.Of(record))
        {
            var isRecord = option.Type is { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null };
            if (!isRecord || !shown.Add(option.Type.Type)) continue;

            lines.AddRange(Section($"{level} `{option.Key}`", Descriptions.Of(option.Type.Type), option.Type));
            lines.AddRange(NestedRecords(option.Type, level, shown));
        }
        return lines;
    }

    static List<string> Section(string title, string summary, JsonTypeInfo record)
    {
        var options = OptionInfo.Of(record);
        List<string> lines = ["", title];
        if (summary.Length > 0) lines.AddRange("", $"*{summary}*");
        if (options.Count == 0) return [.. lines, "", "No keys of its own."];

        string[] head = ["key", "value", "when left out", "what it is"];
        return [.. lines, "", .. MarkdownTable.Lines(head, head.Length, options.Select(Cells))];

        static string[] Cells(OptionInfo option) =>
            [$"`{option.Key}`", Value(option), Default(option), Cell(option.Summary)];
    }

    static string Value(OptionInfo option)
    {
        var kind = option.Type.PolymorphismOptions is null ? option.Kind : "an object with a name";
        return Cell(option.RuleText.Length == 0 ? kind : $"{kind}, {option.RuleText}");
    }

    static string Default(OptionInfo option) => option.Required ? "must be given" : option.Default switch
    {
        null => "none",
        JsonObject member when member["name"] is { } name => $"`{name.ToJsonString()}` with its defaults",
        JsonObject => "its defaults",
        var value => $"`{value.ToJsonString()}`",
    };

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
