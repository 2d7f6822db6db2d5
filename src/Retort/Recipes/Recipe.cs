using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Retort.Methods;
using Retort.Runs;
using Retort.Tasks;
using Retort.Teachers;
using Retort.Training;

namespace Retort.Recipes;

/// <summary>Where the choices meet: data, teacher, student, method, training, seeds.</summary>
public sealed record Recipe
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowOutOfOrderMetadataProperties = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Registry.TellApart } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>What is learned from.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>What is learned and how it is scored; what the data's targets are for unless given.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>Who is learned from; none where the method needs nobody, and for a plain training run.</summary>
    public TeacherOptions? Teacher { get; init; }

    /// <summary>The teacher itself, where the recipe's is a cache of its answers.</summary>
    [JsonIgnore]
    internal TeacherOptions? TeacherItself => Teacher is CachedTeacherOptions cached ? cached.Teacher : Teacher;

    /// <summary>The search, or the tuning of the learning rate as the grid search that it stands for; null without either.</summary>
    [JsonIgnore]
    internal SearchOptions? SearchOrTuning => Search ?? (Tuning is not { } tuning ? null : new()
    {
        Over = [new ChoiceOptions
        {
            Option = "training.learningRate", Values = [.. tuning.LearningRates.Order().Select(rate => JsonValue.Create(rate))],
        }],
        Seeds = tuning.Seeds,
    });

    /// <summary>What a procedure saves beside the student; nothing for a loss.</summary>
    [JsonIgnore]
    internal IReadOnlyList<Artifact> ProcedureArtifacts =>
        Method is ProcedureOptions procedure ? procedure.Build().Artifacts : [];

    /// <summary>The task on this data.</summary>
    internal LearningTask TaskOn(DatasetInfo data) => (Task ?? TaskOf(data.Targets)).Build(data);

    /// <summary>The task that targets are for.</summary>
    internal static TaskOptions TaskOf(TargetKind targets) => targets switch
    {
        TargetKind.Class => new ClassificationOptions(),
        TargetKind.Labels => new MultiLabelOptions(),
        TargetKind.Values => new RegressionOptions(),
        _ => new EmbeddingOptions(),
    };

    /// <summary>Whether students are compared with controls: always, but where labels alone are learned from and nobody teaches.</summary>
    [JsonIgnore]
    internal bool HasControl => Teacher is not null || Method is not LabelsOnlyOptions;

    /// <summary>Who learns.</summary>
    public required ModelOptions Student { get; init; }

    /// <summary>How it learns; the control learns from the labels alone.</summary>
    public required MethodOptions Method { get; init; }

    /// <summary>How control and student are trained.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>A search of the learning rate before the reported runs; none: both take the one of <see cref="Training"/>.</summary>
    public TuningOptions? Tuning { get; init; }

    /// <summary>A search over options before the reported runs; none: they are as they stand here.</summary>
    public SearchOptions? Search { get; init; }

    /// <summary>How many pairs of control and student are trained and reported, with seeds 1, 2, ….</summary>
    public int Seeds { get; init => field = Require.Positive(value); } = 3;

    /// <summary>
    /// Threads of each control and student; where more are at hand, several are trained side by side. 1 suits small
    /// networks. 0: all, one network after another. The teacher always has all.
    /// </summary>
    public int Threads { get; init => field = Require.NotNegative(value); }

    /// <summary>The file's name without its ending; what a run is called.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "recipe";

    /// <summary>The recipe's folder, to which its paths are relative in a file; in the record they are absolute.</summary>
    [JsonIgnore]
    public string Folder { get; init => field = Path.GetFullPath(value); } = Environment.CurrentDirectory;

    /// <summary>
    /// SHA-256 over the recipe with every default filled in and its paths as seen from its folder, so that comments,
    /// spaces, the order of keys and the place of the folder count for nothing; lower-case hexadecimal.
    /// </summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson(Folder))));

    /// <summary>
    /// Reads a recipe; paths in it are made absolute. Throws <see cref="InvalidDataException"/> with one sentence that names
    /// file and line (or the setting), the path of the field, the rule and what came.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">path=value, put in before reading: <c>method.temperature=2</c>.</param>
    public static Recipe Read(string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Read(path), path, settings);

    /// <summary>The same from text at hand, as if it stood in the file of this path.</summary>
    public static Recipe Parse(string text, string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Parse(path, Encoding.UTF8.GetBytes(text)), path, settings);

    static Recipe Read(RecipeText text, string path, IReadOnlyList<string> settings) => ReadAs<Recipe>(text, path, settings) with
    {
        Name = Path.GetFileNameWithoutExtension(path), Folder = Path.GetDirectoryName(Path.GetFullPath(path))!,
    };

    /// <summary>A file of another record, read as recipes are: settings put in, checked, paths made absolute.</summary>
    internal static T ReadAs<T>(RecipeText text, string path, IReadOnlyList<string> settings) where T : class
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var info = Info(typeof(T));
        foreach (var setting in settings) RecipeSettings.Put(text, setting);
        new RecipeCheck(text).Walk(info);
        RecipePaths.Change(text.Tree, info, written => RecipePaths.Absolute(written, folder));
        return text.Tree.Deserialize<T>(Format)!;
    }

    /// <summary>The recipe with every default filled in, its paths absolute.</summary>
    public string ToJson() => Tree(this).ToJsonString(Format);

    /// <summary>The recipe with every default filled in, as a file in this folder would have it: it runs from there.</summary>
    public string ToJson(string relativeTo) => Written(this, relativeTo);

    /// <summary>The same of another record that <see cref="ReadAs"/> reads.</summary>
    internal static string Written<T>(T record, string relativeTo) where T : class
    {
        var tree = Tree(record);
        RecipePaths.Change(tree, Info(typeof(T)), path => RecipePaths.From(path, relativeTo));
        return tree.ToJsonString(Format);
    }

    /// <summary>One part of a recipe (a network, a method, a training) as a recipe writes it, its defaults filled in.</summary>
    /// <typeparam name="T">The family: <see cref="ModelOptions"/>, <see cref="MethodOptions"/>, <see cref="TrainingOptions"/>, ….</typeparam>
    public static JsonNode Write<T>(T part) where T : class => Tree(part);

    /// <summary>Reads what <see cref="Write"/> wrote; throws <see cref="InvalidDataException"/> that begins with the source.</summary>
    public static T Read<T>(JsonNode part, string source) where T : class
    {
        try
        {
            return part.Deserialize<T>(Format) ?? throw new InvalidDataException($"{source} has null where a part of a recipe must stand.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{source} holds no part of a recipe that this version can read.", error);
        }
    }

    static JsonNode Tree<T>(T part)
    {
        try
        {
            return JsonSerializer.SerializeToNode(part, Format)!;
        }
        catch (NotSupportedException error) when (error.Message.Split('\'') is [_, var type, _, ..])     // "Runtime type 'X' is not supported by …"
        {
            throw new InvalidOperationException(
                $"{type} has no name in recipes: give it one with Catalogue.Add at the program's start, before the first recipe is read, written or run.", error);
        }
    }

    internal static JsonTypeInfo Info(Type type) => Format.GetTypeInfo(type);
}
