using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>Where the choices meet: data, teacher, student, method, training, seed.</summary>
public sealed record Recipe
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Catalogue.TellApart } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>What is learned from.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Who is learned from; none for a plain training run.</summary>
    public TeacherOptions? Teacher { get; init; }

    /// <summary>Who learns.</summary>
    public required ModelOptions Student { get; init; }

    /// <summary>How it learns from the teacher; the control learns from the labels alone.</summary>
    public required MethodOptions Method { get; init; }

    /// <summary>How control and student are trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>A search of the learning rate before the reported runs; none: both take the one of <see cref="Training"/>.</summary>
    public TuningOptions? Tuning { get; init; }

    /// <summary>How many pairs of control and student are trained and reported, with seeds 1, 2, ….</summary>
    public int Seeds { get; init => field = Require.Positive(value); } = 3;

    /// <summary>
    /// Threads of each control and student; where more are at hand, several are trained side by side. 1 suits small
    /// networks. 0: all, one network after another. The teacher always has all.
    /// </summary>
    public int Threads { get; init => field = Require.NotNegative(value); }

    public static Recipe Read(string path, params IReadOnlyList<string> settings)
    {
        try
        {
            var text = File.ReadAllText(path);
            var tree = JsonNode.Parse(text, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false })!;
            foreach (var setting in settings) Set(tree, setting);
            RecipeCheck.Walk(tree, Format.GetTypeInfo(typeof(Recipe)), "");
            return tree.Deserialize<Recipe>(Format)!;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or NotSupportedException)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    public static JsonNode Schema() => System.Text.Json.Schema.JsonSchemaExporter.GetJsonSchemaAsNode(Format, typeof(Recipe));

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    static void Set(JsonNode tree, string setting)
    {
        var at = setting.IndexOf('=', StringComparison.Ordinal);
        var keys = setting[..at].Split('.');
        foreach (var key in keys[..^1]) tree = tree[key] ?? (tree[key] = new JsonObject());
        JsonNode? value;
        try { value = JsonNode.Parse(setting[(at + 1)..]); }
        catch (JsonException) { value = setting[(at + 1)..]; }
        tree[keys[^1]] = value;
    }
}
