using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>The JSON of recipes, of their parts, and of other files that are read as recipes are.</summary>
static class RecipeFormat
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Registry.AddNames } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>How a type looks in a recipe.</summary>
    public static JsonTypeInfo Info(Type type) => Json.GetTypeInfo(type);

    /// <summary>Reads a record from a file: applies the settings, checks it and makes its paths absolute.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The file.</param>
    /// <param name="settings"><c>path=value</c>.</param>
    /// <param name="source">Where the settings come from, for messages about them.</param>
    public static T Read<T>(RecipeText text, string path, IReadOnlyList<string> settings, string source = "--set")
        where T : class
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var info = Info(typeof(T));
        foreach (var setting in settings) RecipeSettings.Apply(text, setting, source);
        new RecipeCheck(text).Check(info);
        RecipePaths.Change(text.Tree, info, relative => RecipePaths.Absolute(relative, folder));
        return text.Tree.Deserialize<T>(Json)!;
    }

    /// <summary>Reads a part that <see cref="Tree"/> wrote; null for a JSON null.</summary>
    public static T? ReadPart<T>(JsonNode part) where T : class =>
        part.Deserialize<T>(Json) is { } read ? OptionRules.Check(read) : null;

    /// <summary>Writes a record with every default filled in, its paths absolute.</summary>
    public static string Write<T>(T record) where T : class => Tree(record).ToJsonString(Json);

    /// <summary>Writes a record with every default filled in, its paths as a file in this folder has them.</summary>
    public static string Write<T>(T record, string folder) where T : class
    {
        var tree = Tree(record);
        RecipePaths.Change(tree, Info(typeof(T)), path => RecipePaths.Relative(path, folder));
        return tree.ToJsonString(Json);
    }

    /// <summary>A record, or a member of a family, as JSON.</summary>
    /// <exception cref="InvalidOperationException">Options in it have no name in recipes.</exception>
    public static JsonNode Tree<T>(T part)
    {
        try
        {
            return JsonSerializer.SerializeToNode(part, Json)!;
        }
        catch (NotSupportedException error) when (error.Message.Split('\'') is [_, var type, _, ..])
        {
            // System.Text.Json gives the type only in its message: "Runtime type 'X' is not supported by …"
            throw new InvalidOperationException($"{type} has no name in recipes: {Registry.AddFirst}", error);
        }
    }
}
