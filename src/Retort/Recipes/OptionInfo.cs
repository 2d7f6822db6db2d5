using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>One key of a recipe, as the options record has it: for the schema, the page of all keys and a new recipe.</summary>
sealed record OptionInfo
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

    /// <summary>The ranges that its accessor holds it to, or each of its numbers, in that accessor's words: <c>greater than 0</c>.</summary>
    public required IReadOnlyList<(string Text, bool Each)> Rules { get; init; }

    /// <summary>The same as a person reads it; empty for any value.</summary>
    public string Rule => string.Join(", ", Rules.Select(rule => rule.Each ? $"each {rule.Text}" : rule.Text));

    /// <summary>Its summary.</summary>
    public required string Summary { get; init; }

    /// <summary>All options of a record, in its order.</summary>
    public static IReadOnlyList<OptionInfo> Of(JsonTypeInfo info) =>
        info.Type.IsAbstract ? [] : [.. RecipeCheck.Options(info).Select(property => Of(property, info))];

    /// <summary>One of them.</summary>
    public static OptionInfo Of(JsonPropertyInfo property, JsonTypeInfo info)
    {
        var usual = info.Type.GetConstructor([]) is null ? RuntimeHelpers.GetUninitializedObject(info.Type) : Activator.CreateInstance(info.Type)!;
        var needed = RecipeCheck.Needed(property);
        var value = needed ? null : property.AssociatedParameter is { } parameter ? parameter.DefaultValue : property.Get?.Invoke(usual);
        var type = info.Options.GetTypeInfo(property.PropertyType);
        return new()
        {
            Key = property.Name,
            Kind = Words(property, type),
            Type = type,
            Required = needed,
            Default = value is null ? null : JsonSerializer.SerializeToNode(value, type),
            Rules = [.. Probes(property.PropertyType).Select(probe => (Text: Refusal(property, usual, probe)!, Each: probe is Array { Length: > 0 }))
                .Where(rule => rule.Text is not null).DistinctBy(rule => rule.Text)],
            Summary = property.AttributeProvider is PropertyInfo option ? Descriptions.Of(option) : "",
        };
    }

    static string Words(JsonPropertyInfo property, JsonTypeInfo type)
    {
        var path = property.AttributeProvider?.IsDefined(typeof(RecipePathAttribute), inherit: true) == true;
        if (path) return type.Kind == JsonTypeInfoKind.Enumerable ? "a list of paths" : "a path";
        if (type.Kind == JsonTypeInfoKind.Enumerable)
            return Of(type.ElementType!) switch { "number" => "a list of numbers", "whole number" => "a list of whole numbers", "text" => "a list of texts",
                _ => type.Options.GetTypeInfo(type.ElementType!).PolymorphismOptions is null ? "a list" : "a list of objects with a name" };
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
            return rule.StartsWith("be ", StringComparison.Ordinal) ? rule[3..] : rule.StartsWith("have ", StringComparison.Ordinal) ? rule[5..] : rule;
        }
    }
}
