using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>A recipe to start from: every key at its default, with a comment that says what it is for.</summary>
/// <param name="Data">The data set's name in the catalogue.</param>
/// <param name="Teacher">The name of the network that teaches; it is trained first.</param>
/// <param name="Student">The name of the network that learns.</param>
/// <param name="Method">The method's name.</param>
public sealed record RecipeTemplate(string Data, string Teacher, string Student, string Method)
{
    const int Width = 100;

    /// <summary>The text: JSON with comments. Throws where a name is not in the catalogue.</summary>
    public string Make()
    {
        Known(Registry.Data, Data, "data");
        Known(Registry.Models, Teacher, "teacher");
        Known(Registry.Models, Student, "student");
        Known(Registry.Methods, Method, "method");
        List<string> lines = ["{"];
        foreach (var option in OptionInfo.Of(Recipe.Info(typeof(Recipe))))
        {
            if (lines.Count > 1) lines.Add("");
            lines.AddRange(Written(option, "  ", 1));
        }
        return string.Join('\n', (string[])[.. lines, "}"]) + '\n';
    }

    List<string> Written(OptionInfo option, string indent, int depth)
    {
        List<string> lines = [.. Comment(option.Summary, indent)];
        if (option.Type.PolymorphismOptions is not null && Name(option) is { } name)
        {
            var names = RecipeCheck.Names(option.Type);
            if (names.Count > 1) lines.AddRange(Comment($"There are: {string.Join(", ", names)}.", indent));
            var own = option.Type.PolymorphismOptions.DerivedTypes.First(type => (string)type.TypeDiscriminator! == name);
            lines.AddRange(Object(option.Key, $"\"name\": \"{name}\"", Recipe.Info(own.DerivedType), indent, depth));
        }
        else if (option.Type.Kind == JsonTypeInfoKind.Object && option.Default is not null)
            lines.AddRange(Object(option.Key, null, option.Type, indent, depth));
        else if (option.Default is null && !option.Required)
            lines.Add($"{indent}// \"{option.Key}\": {option.Kind}; left out here");
        else
            lines.Add($"{indent}\"{option.Key}\": {(option.Default ?? Placeholder(option)).ToJsonString()},{Rule(option)}");
        return lines;
    }

    // the first floor shows every key; what stands deeper shows what must be given, and names the rest
    IEnumerable<string> Object(string key, string? first, JsonTypeInfo info, string indent, int depth)
    {
        var options = OptionInfo.Of(info);
        var shown = options.Where(option => depth == 1 ? option.Type.Kind != JsonTypeInfoKind.Object || option.Type.PolymorphismOptions is not null : option.Required).ToList();
        var inner = indent + "  ";
        List<string> lines = [$"{indent}\"{key}\": {{", .. first is null ? (string[])[] : [$"{inner}{first},"]];
        foreach (var option in shown) lines.AddRange(Written(option, inner, depth + 1));
        if (options.Except(shown).Select(option => option.Key).ToList() is { Count: > 0 } rest)
            lines.AddRange(Comment($"Further keys: {string.Join(", ", rest)}.", inner));
        return [.. lines, $"{indent}}},"];
    }

    string? Name(OptionInfo option) => option.Key switch
    {
        "data" => Data,
        "network" => Teacher,
        "student" => Student,
        "method" => Method,
        "teacher" => "trained",
        _ => (string?)option.Default?["name"] ?? (option.Required ? RecipeCheck.Names(option.Type)[0] : null),
    };

    JsonNode Placeholder(OptionInfo option) => option.Kind switch
    {
        "a number" or "a whole number" => JsonValue.Create(1),
        "true or false" => JsonValue.Create(false),
        "a list of paths" => new JsonArray(SomePath),
        _ when option.Type.Kind == JsonTypeInfoKind.Enumerable => new JsonArray(1),
        "a path" => JsonValue.Create(SomePath),
        _ => JsonValue.Create("FILL-IN"),
    };

    // a published set of this format where there is one
    string SomePath => Data switch { "idx" => "cache:fashion-mnist", "cifar" => "cache:cifar-10", _ => "FILL-IN" };

    static string Rule(OptionInfo option) => option.Rule.Length == 0 ? "" : $"   // {option.Rule}";

    static IEnumerable<string> Comment(string text, string indent)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && indent.Length + line.Length + word.Length > Width - 4)
            {
                yield return $"{indent}// {line}";
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        if (line.Length > 0) yield return $"{indent}// {line}";
    }

    static void Known(IReadOnlyDictionary<string, Type> family, string name, string option)
    {
        if (!family.ContainsKey(name)) throw new ArgumentException($"{option} \"{name}\" is not known; {Spelling.Hint(name, [.. family.Keys])}");
    }
}
