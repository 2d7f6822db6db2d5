using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>One key of a recipe, as the options record has it: for the schema, the page of all keys and a new recipe.</summary>
sealed record RecipeOption
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>What kind of value, in words.</summary>
    public required string Kind { get; init; }

    /// <summary>The value's type.</summary>
    public required JsonTypeInfo Type { get; init; }

    /// <summary>Whether a recipe must have it.</summary>
    public required bool Required { get; init; }

    /// <summary>What it is when left out; null for nothing.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>The range that its accessor holds it to, in that accessor's words: <c>greater than 0</c>; empty for any.</summary>
    public required string Rule { get; init; }

    /// <summary>Its summary.</summary>
    public required string Summary { get; init; }

    /// <summary>All options of a record, in its order.</summary>
    public static IReadOnlyList<RecipeOption> Of(JsonTypeInfo info) =>
        info.Type.IsAbstract ? [] : [.. RecipeCheck.Options(info).Select(property => Of(property, info))];

    /// <summary>One of them.</summary>
    public static RecipeOption Of(JsonPropertyInfo property, JsonTypeInfo info)
    {
        var usual = Activator.CreateInstance(info.Type)!;
        var value = property.IsRequired ? null : property.Get?.Invoke(usual);
        var type = info.Options.GetTypeInfo(property.PropertyType);
        return new()
        {
            Key = property.Name,
            Kind = Words(property, type),
            Type = type,
            Required = property.IsRequired,
            Default = value is null ? null : JsonSerializer.SerializeToNode(value, type),
            Rule = string.Join("; ", Probes(property.PropertyType).Select(probe => Refusal(property, usual, probe)).OfType<string>().Distinct()),
            Summary = property.AttributeProvider is PropertyInfo option ? Descriptions.Of(option) : "",
        };
    }

    static string Words(JsonPropertyInfo property, JsonTypeInfo type)
    {
        var path = property.AttributeProvider?.IsDefined(typeof(RecipePathAttribute), inherit: true) == true;
        if (path) return type.Kind == JsonTypeInfoKind.Enumerable ? "a list of paths" : "a path";
        if (type.Kind == JsonTypeInfoKind.Enumerable)
            return Of(type.ElementType!) switch { "number" => "a list of numbers", "whole number" => "a list of whole numbers", "text" => "a list of texts", _ => "a list" };
        return Of(type.Type) switch { "number" => "a number", "whole number" => "a whole number", _ => RecipeCheck.Wanted(type.Type, type.Options) };
    }

    static string Of(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "whole number",
        var t when t == typeof(double) || t == typeof(float) => "number",
        var t when t == typeof(string) => "text",
        _ => "",
    };

    // the ends of each range: what is refused tells the rule in the accessor's own words
    static object[] Probes(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) => [int.MinValue, int.MaxValue],
        var t when t == typeof(long) => [long.MinValue, long.MaxValue],
        var t when t == typeof(double) => [double.MinValue, double.MaxValue],
        var t when t == typeof(string) => [""],
        var t when t.IsAssignableFrom(typeof(int[])) && t.IsGenericType => [Array.Empty<int>(), new[] { int.MinValue }, new[] { int.MaxValue }],
        var t when t.IsAssignableFrom(typeof(double[])) && t.IsGenericType => [Array.Empty<double>(), new[] { double.MinValue }, new[] { double.MaxValue }],
        _ => [],
    };

    static string? Refusal(JsonPropertyInfo property, object usual, object probe)
    {
        try
        {
            property.Set!(usual, probe);
            return null;
        }
        catch (ArgumentException error)
        {
            var from = error.Message.IndexOf(" must ", StringComparison.Ordinal);
            if (from < 0) return null;
            var to = error.Message.IndexOf(';', from);
            var rule = error.Message[(from + " must ".Length)..(to < 0 ? error.Message.IndexOf('.', from) : to)];
            return rule.StartsWith("be ", StringComparison.Ordinal) ? rule[3..] : rule;
        }
    }
}
