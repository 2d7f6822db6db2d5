using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Retort.Contracts.Learners;

namespace Retort.Recipes;

/// <summary>A recipe to start from: every key with its default and a comment that says what it is for.</summary>
/// <param name="Data">The data set's name in recipes.</param>
/// <param name="Teacher">The name of the teacher's network, which is trained first.</param>
/// <param name="Student">The name of the student's network.</param>
/// <param name="Method">The method's name.</param>
public sealed record RecipeTemplate(string Data, string Teacher, string Student, string Method)
{
    /// <summary>Stands where a value is required that has no default.</summary>
    public const string FillIn = "FILL-IN";

    const int CommentWidth = 96;

    /// <summary>The data's path as the recipe names it; null: that of a published data set, or a placeholder.</summary>
    public string? DataPath { get; init; }

    /// <summary>The text: JSON with comments.</summary>
    /// <exception cref="ArgumentException">A name is not known.</exception>
    public string Make()
    {
        CheckName(Registry.Data, Data, "data");
        CheckName(Registry.Models, Teacher, "teacher");
        CheckName(Registry.Models, Student, "student");
        CheckName(Registry.Methods, Method, "method");

        List<string> lines = ["{"];
        foreach (var option in OptionInfo.Of(RecipeFormat.Info(typeof(Recipe))))
        {
            if (option.Key == "teacher" && TrainsOwnTeachers()) continue;
            if (option.Key == (NeedsEnvironment ? "data" : "environment")) continue;
            if (lines.Count > 1) lines.Add("");
            lines.AddRange(Lines(option, "  ", 1));
        }
        return string.Join('\n', lines.Append("}")) + '\n';
    }

    // a recipe of such a method has no teacher
    bool TrainsOwnTeachers() =>
        Recipe.Read<MethodOptions>(new JsonObject { ["name"] = Method }, Method) is ProcedureOptions procedure
        && procedure.Build().RequiredOfTeacher.IsEmpty;

    // a method that learns from rewards, or has learners that do
    bool NeedsEnvironment => OptionInfo.Of(RecipeFormat.Info(Registry.Methods[Method]))
        .Any(option => option.Type.Type == typeof(LearnerOptions))
        || Registry.Methods[Method].IsSubclassOf(typeof(LearnerOptions));

    List<string> Lines(OptionInfo option, string indent, int depth)
    {
        List<string> lines = [.. Comment(option.Summary, indent)];
        if (option.Type.PolymorphismOptions is not null && NameOf(option) is { } name)
        {
            var names = RecipeTypes.Names(option.Type);
            if (names.Count > 1) lines.AddRange(Comment($"There are: {string.Join(", ", names)}.", indent));
            var member = RecipeTypes.Member(option.Type, name)!;
            lines.AddRange(ObjectLines(option.Key, $"\"name\": \"{name}\"", member, indent, depth));
        }
        else if (option.Type.Kind == JsonTypeInfoKind.Object && option.Default is not null)
            lines.AddRange(ObjectLines(option.Key, null, option.Type, indent, depth));
        else if (option.Default is null && !option.Required)
            lines.Add($"{indent}// \"{option.Key}\": {option.Kind}; left out here");
        else
        {
            var value = (option.Default ?? Placeholder(option)).ToJsonString();
            lines.Add($"{indent}\"{option.Key}\": {value},{RuleComment(option)}");
        }
        return lines;
    }

    // the first level has every key; deeper ones have the required keys and list the others
    IEnumerable<string> ObjectLines(string key, string? first, JsonTypeInfo record, string indent, int depth)
    {
        var options = OptionInfo.Of(record);
        var shown = options.Where(option => depth == 1
            ? option.Type.Kind != JsonTypeInfoKind.Object || option.Type.PolymorphismOptions is not null
            : option.Required).ToList();
        var others = options.Except(shown).Select(option => option.Key).ToList();

        var inner = indent + "  ";
        List<string> lines = [$"{indent}\"{key}\": {{"];
        if (first is not null) lines.Add($"{inner}{first},");
        foreach (var option in shown)
            lines.AddRange(key == "data" && option.Key == "path" && DataPath is { } path
                ? [.. Comment(option.Summary, inner), $"{inner}\"path\": {JsonSerializer.Serialize(path, Json.Line)},"]
                : Lines(option, inner, depth + 1));
        if (others.Count > 0) lines.AddRange(Comment($"Further keys: {string.Join(", ", others)}.", inner));
        return [.. lines, $"{indent}}},"];
    }

    string? NameOf(OptionInfo option) => option.Key switch
    {
        "data" => Data,
        "network" => Teacher,
        "environment" => Registry.Environments.Keys.First(),
        "student" when NeedsEnvironment && !Student.EndsWith("-policy", StringComparison.Ordinal) =>
            Registry.Methods[Method] == typeof(PpoOptions) ? "stochastic-policy" : "deterministic-policy",
        "student" => Student,
        "method" => Method,
        "teacher" => "trained",
        _ => (string?)option.Default?["name"] ?? (option.Required ? RecipeTypes.Names(option.Type)[0] : null),
    };

    JsonNode Placeholder(OptionInfo option) => option.Kind switch
    {
        "a number" or "a whole number" => JsonValue.Create(1),
        "true or false" => JsonValue.Create(false),
        "a list of paths" => new JsonArray(PathPlaceholder),
        "a path" => JsonValue.Create(PathPlaceholder),
        _ when option.IsList => new JsonArray(1),
        _ => JsonValue.Create(FillIn),
    };

    // a published data set of this format where there is one
    string PathPlaceholder => Data switch
    {
        "idx" => "cache:fashion-mnist",
        "cifar" => "cache:cifar-10",
        _ => FillIn,
    };

    static string RuleComment(OptionInfo option) => option.RuleText.Length == 0 ? "" : $"   // {option.RuleText}";

    static IEnumerable<string> Comment(string text, string indent)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && indent.Length + line.Length + word.Length > CommentWidth)
            {
                yield return $"{indent}// {line}";
                line = "";
            }
            line += line.Length == 0 ? word : $" {word}";
        }
        if (line.Length > 0) yield return $"{indent}// {line}";
    }

    static void CheckName(IReadOnlyDictionary<string, Type> family, string name, string option)
    {
        if (!family.ContainsKey(name)) throw new ArgumentException(
            $"{option} \"{name}\" is not known; {RenamedKeys.NameHint(name, [.. family.Keys])}");
    }
}
