using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Retort.Recipes;
using Retort.Tensors.Files;

namespace Retort.Studies.Fidelity;

/// <summary>A fidelity study as a file describes it: data, settings, claims and seeds.</summary>
public sealed record FidelityRecipe : IValidated
{
    /// <summary>The kind of study; it distinguishes the file from a recipe.</summary>
    public required StudyKind Study { get; init; }

    /// <summary>The data. Its augmentation is in the settings.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>
    /// Images of something else, of the same size, for the policies that use them; their training split is used.
    /// </summary>
    public DataOptions? OutOfDomain { get; init; }

    /// <summary>The settings of claims, by names of your own.</summary>
    public required IReadOnlyDictionary<string, StudySetting> Settings { get; init; }

    /// <summary>The claims that are run; the others are reported as not run.</summary>
    [NotEmpty("claim")] public required IReadOnlyList<ClaimOptions> Claims { get; init; }

    /// <summary>
    /// The number of repetitions, with seeds 1, 2, …; at least 2: each seed's control is the student of the next seed,
    /// which has a teacher of its own.
    /// </summary>
    [AtLeast(2, Reason = "since each seed's control is the next one's student")] public int Seeds { get; init; } = 5;

    /// <summary>
    /// The number of examples of its distillation data, in new views, on which a student is compared with its teacher
    /// after training.
    /// </summary>
    [AtLeast(1)] public int ComparedExamples { get; init; } = 4800;

    /// <summary>The file's name without its extension.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "study";

    /// <summary>The file's folder.</summary>
    [JsonIgnore]
    public string Folder { get; init => field = Path.GetFullPath(value); } = Environment.CurrentDirectory;

    /// <summary>SHA-256, as of a recipe.</summary>
    [JsonIgnore]
    public string Hash => FileHash.Sha256OfText(ToJson(Folder));

    public OptionError? Validate() =>
        Claims.GroupBy(claim => claim.Id).FirstOrDefault(group => group.Count() > 1) is not { } twice ? null
            : new(nameof(Claims), $"must have each claim once; {twice.Key} is there {twice.Count()} times.");

    /// <summary>Reads a study; its errors are those of recipes.</summary>
    public static FidelityRecipe Read(string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Read(path), path, settings);

    /// <summary>Reads a study from text, as if it were in the file of this path.</summary>
    public static FidelityRecipe Parse(string text, string path, params IReadOnlyList<string> settings) =>
        Read(RecipeText.Parse(path, Encoding.UTF8.GetBytes(text)), path, settings);

    /// <summary>Whether a file describes a study and not a recipe; false for a file that cannot be read.</summary>
    public static bool IsAt(string path)
    {
        try
        {
            var format = new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            };
            var root = JsonNode.Parse(JsonFile.ReadText(path), documentOptions: format);
            return root is JsonObject file && file.ContainsKey("study");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException
            or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The study with all defaults, as a file in this folder.</summary>
    public string ToJson(string relativeTo) => RecipeFormat.Write(this, relativeTo);

    static FidelityRecipe Read(RecipeText text, string path, IReadOnlyList<string> settings)
    {
        var recipe = RecipeFormat.Read<FidelityRecipe>(text, path, settings) with
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Folder = Path.GetDirectoryName(Path.GetFullPath(path))!,
        };
        foreach (var claim in recipe.Claims)
        {
            if (!recipe.Settings.TryGetValue(claim.Setting, out var setting)) throw new InvalidDataException(
                $"{path}: {claim.Id} is to be run in the setting \"{claim.Setting}\"; "
                + Spelling.Hint(claim.Setting, [.. recipe.Settings.Keys]));
            if (claim.Lacks(setting) is { } lack)
                throw new InvalidDataException($"{path}: {claim.Id} cannot be judged: {lack}.");
        }
        return recipe;
    }
}
