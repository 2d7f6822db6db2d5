using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>One key of a recipe, for the schema, the page of all keys and new recipes.</summary>
sealed record OptionInfo
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The kind of its values, in words: <c>a list of numbers</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The type of its values.</summary>
    public required JsonTypeInfo Type { get; init; }

    /// <summary>Whether a recipe must have it.</summary>
    public required bool Required { get; init; }

    /// <summary>Its value when left out; null for none.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Its rules; a <see cref="NumberRuleAttribute"/> on a list is the rule of each element.</summary>
    public required IReadOnlyList<OptionRuleAttribute> Rules { get; init; }

    /// <summary>Its summary.</summary>
    public required string Summary { get; init; }

    /// <summary>Whether its values are lists.</summary>
    public bool IsList => Type.Kind == JsonTypeInfoKind.Enumerable;

    /// <summary>All rules in words: <c>at least one number, each greater than 0</c>; empty without a rule.</summary>
    public string RuleText => string.Join(", ",
        Rules.Select(rule => IsList && rule is NumberRuleAttribute ? $"each {rule.Rule}" : rule.Rule));

    /// <summary>The options of a record in its order; none for a family.</summary>
    public static IReadOnlyList<OptionInfo> Of(JsonTypeInfo record)
    {
        if (record.Type.IsAbstract) return [];

        var defaults = record.Type.GetConstructor([]) is null
            ? RuntimeHelpers.GetUninitializedObject(record.Type)
            : Activator.CreateInstance(record.Type)!;
        return [.. RecipeTypes.Options(record).Select(option => Of(option, defaults))];
    }

    static OptionInfo Of(JsonPropertyInfo option, object defaults)
    {
        var type = option.Options.GetTypeInfo(option.PropertyType);
        var isRequired = RecipeTypes.IsRequired(option);
        var property = option.AttributeProvider as PropertyInfo;
        return new()
        {
            Key = option.Name,
            Kind = KindOf(option, type),
            Type = type,
            Required = isRequired,
            Default = isRequired ? null : DefaultOf(option, type, defaults),
            Rules = property is null ? [] : OptionRules.Of(property),
            Summary = property is null ? "" : Descriptions.Of(property),
        };
    }

    static JsonNode? DefaultOf(JsonPropertyInfo option, JsonTypeInfo type, object defaults)
    {
        var value = option.AssociatedParameter is { } parameter ? parameter.DefaultValue : option.Get?.Invoke(defaults);
        return value is null ? null : JsonSerializer.SerializeToNode(value, type);
    }

    static string KindOf(JsonPropertyInfo option, JsonTypeInfo type)
    {
        var isList = type.Kind == JsonTypeInfoKind.Enumerable;
        if (RecipeTypes.IsPath(option)) return isList ? "a list of paths" : "a path";
        if (!isList) return RecipeTypes.Describe(type);

        var element = type.Options.GetTypeInfo(type.ElementType!);
        return RecipeTypes.Describe(element) switch
        {
            "a number" => "a list of numbers",
            "a whole number" => "a list of whole numbers",
            "text" => "a list of texts",
            _ => element.PolymorphismOptions is null ? "a list" : "a list of objects with a name",
        };
    }
}
