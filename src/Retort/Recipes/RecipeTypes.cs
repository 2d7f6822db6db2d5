using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>What a recipe may have for a record, a family of records, or a plain value.</summary>
static class RecipeTypes
{
    /// <summary>The options of a record: the properties that JSON can set.</summary>
    public static IEnumerable<JsonPropertyInfo> Options(JsonTypeInfo record) =>
        record.Properties.Where(property => property.Set is not null);

    /// <summary>Whether a recipe must have an option: it is marked so, or is a parameter without a default.</summary>
    public static bool IsRequired(JsonPropertyInfo option) =>
        option.IsRequired || option.AssociatedParameter is { HasDefaultValue: false };

    /// <summary>Whether an option names files or folders.</summary>
    public static bool IsPath(JsonPropertyInfo option) =>
        option.AttributeProvider?.IsDefined(typeof(RecipePathAttribute), inherit: true) == true;

    /// <summary>The names of a family's members.</summary>
    public static List<string> Names(JsonTypeInfo family) =>
        [.. family.PolymorphismOptions!.DerivedTypes.Select(member => (string)member.TypeDiscriminator!)];

    /// <summary>A family's member by name; null where it has none of this name.</summary>
    public static JsonTypeInfo? Member(JsonTypeInfo family, string name)
    {
        var members = family.PolymorphismOptions!.DerivedTypes;
        var index = Names(family).IndexOf(name);
        return index < 0 ? null : family.Options.GetTypeInfo(members[index].DerivedType);
    }

    /// <summary>What a value of a type must be, in words: <c>a whole number</c>.</summary>
    public static string Describe(JsonTypeInfo type) => type.PolymorphismOptions is not null
        ? $"an object whose \"name\" is one of {Quote(Names(type))}"
        : type.Kind switch
        {
            JsonTypeInfoKind.Object when type.Type == typeof(Normalization) =>
                $"an object, or one of {Quote(Normalization.Named.Keys)}",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            JsonTypeInfoKind.Enumerable => "a list",
            _ => Mismatch(type.Type, null) ?? "a value",
        };

    /// <summary>What a plain value of a type must be where this one is not; null where it fits.</summary>
    public static string? Mismatch(Type type, JsonNode? node)
    {
        var kind = node?.GetValueKind() ?? JsonValueKind.Null;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string)) return kind == JsonValueKind.String ? null : "text";
        if (plain == typeof(bool)) return kind is JsonValueKind.True or JsonValueKind.False ? null : "true or false";
        if (plain == typeof(int) || plain == typeof(long)) return IntegerMismatch(plain, kind, node);
        if (plain == typeof(double) || plain == typeof(float)) return NumberMismatch(kind, node);
        if (!plain.IsEnum) return null;

        var words = Enum.GetNames(plain).Select(JsonNamingPolicy.CamelCase.ConvertName).ToList();
        return kind == JsonValueKind.String && words.Contains((string)node!) ? null : $"one of {Quote(words)}";
    }

    /// <summary>Words as a message lists them.</summary>
    public static string Quote(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"\"{word}\""));

    static string? IntegerMismatch(Type type, JsonValueKind kind, JsonNode? node)
    {
        if (kind != JsonValueKind.Number) return "a whole number";

        var text = node!.ToJsonString();
        if (text.AsSpan().ContainsAny(".eE")) return "a whole number, without point or exponent";
        var (fits, digits) = type == typeof(int)
            ? (int.TryParse(text, CultureInfo.InvariantCulture, out _), "nine")
            : (long.TryParse(text, CultureInfo.InvariantCulture, out _), "18");
        return fits ? null : $"a whole number of at most {digits} digits";
    }

    static string? NumberMismatch(JsonValueKind kind, JsonNode? node)
    {
        if (kind != JsonValueKind.Number) return "a number";

        var number = double.Parse(node!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? null : "a finite number";
    }
}
