using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>Texts in the identity of a cache: the teacher and the normalization.</summary>
static class TeacherDescription
{
    const int MaxLength = 4000;
    const int ShownLength = 100;

    /// <summary>
    /// A teacher as the recipe states it, without paths and, for a trained teacher, without its training: the hash
    /// that is stored with it covers both.
    /// </summary>
    public static string Of(TeacherOptions teacher)
    {
        var trained = teacher as TrainedTeacherOptions;
        var tree = trained is null ? Recipe.Write(teacher) : Recipe.Write(trained.Network);
        var type = trained is null ? typeof(TeacherOptions) : typeof(ModelOptions);
        RecipePaths.Change(tree, RecipeFormat.Info(type), _ => "…");
        RemoveAddress(tree);
        return Shortened(tree.ToJsonString(Json.Line));
    }

    /// <summary>A normalization as JSON.</summary>
    public static string Of(Normalization? normalization) =>
        Shortened(JsonSerializer.Serialize<Normalization?>(normalization, Json.Line));

    // the normalization of a wide table would be longer than many outputs: then its beginning and its hash
    static string Shortened(string text) => text.Length <= MaxLength ? text
        : $"{text[..ShownLength]}… (SHA-256 {FileHash.Sha256OfText(text)})";

    // a served model is identified by what it states about itself, not by address or timeouts
    static void RemoveAddress(JsonNode? tree)
    {
        if (tree is JsonArray list)
            foreach (var entry in list) RemoveAddress(entry);
        if (tree is not JsonObject node) return;

        if ((node["name"] as JsonValue)?.ToString() == "remote")
        {
            var keys = node.Select(pair => pair.Key).Where(key => key is not "name" and not "normalization").ToList();
            foreach (var key in keys) node.Remove(key);
        }
        foreach (var (_, value) in node) RemoveAddress(value);
    }
}
