using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Retort.Recipes;

/// <summary>The files and folders that a recipe names: options marked with <see cref="RecipePathAttribute"/>.</summary>
static class RecipePaths
{
    const string Cache = "cache:";

    /// <summary>Changes each path of a tree that has been checked.</summary>
    public static void Change(JsonNode? node, JsonTypeInfo type, Func<string, string> change)
    {
        if (node is JsonArray list && type.ElementType is { } element)
            foreach (var entry in list) Change(entry, type.Options.GetTypeInfo(element), change);
        else if (node is JsonObject table && type is { Kind: JsonTypeInfoKind.Dictionary, ElementType: { } value })
            foreach (var (_, entry) in table.ToList()) Change(entry, type.Options.GetTypeInfo(value), change);
        else if (node is JsonObject record && type.Kind == JsonTypeInfoKind.Object)
            ChangeOptions(record, type, change);
    }

    /// <summary>
    /// A path as a recipe in this folder has it, made absolute: <c>cache:NAME</c> is NAME in the data folder.
    /// </summary>
    public static string Absolute(string path, string folder) => path.StartsWith(Cache, StringComparison.Ordinal)
        ? Path.GetFullPath(path[Cache.Length..].TrimStart('/'), CacheFolders.Data)
        : Path.GetFullPath(path, folder);

    /// <summary>
    /// An absolute path as a recipe in this folder has it: <c>cache:NAME</c> in the data folder, relative to the recipe
    /// where the two share more than the root, else unchanged.
    /// </summary>
    public static string Relative(string path, string folder)
    {
        if (!Path.IsPathRooted(path)) return path;

        var cached = Path.GetRelativePath(CacheFolders.Data, path);
        var isOutside = cached == path || cached == ".."
            || cached.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (!isOutside) return Cache + WithSlashes(cached);

        var root = Path.GetPathRoot(path)!.Length;
        var sharesFirstFolder = FirstPart(path[root..]) == FirstPart(Path.GetFullPath(folder)[root..]);
        return sharesFirstFolder ? WithSlashes(Path.GetRelativePath(folder, path)) : path;
    }

    static void ChangeOptions(JsonObject record, JsonTypeInfo type, Func<string, string> change)
    {
        var member = type.PolymorphismOptions is null ? type : RecipeTypes.Member(type, (string)record["name"]!)!;
        foreach (var option in RecipeTypes.Options(member))
        {
            if (record[option.Name] is not { } value) continue;

            if (!RecipeTypes.IsPath(option))
                Change(value, type.Options.GetTypeInfo(option.PropertyType), change);
            else if (value is JsonArray paths)
                for (var i = 0; i < paths.Count; i++) paths[i] = change((string)paths[i]!);
            else
                record[option.Name] = change((string)value!);
        }
    }

    static string FirstPart(string path) => path.Split(Path.DirectorySeparatorChar)[0];

    static string WithSlashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');
}
