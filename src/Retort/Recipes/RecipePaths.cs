using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Retort.Runs;

namespace Retort.Recipes;

/// <summary>The files and folders that a recipe names: options marked <see cref="RecipePathAttribute"/>.</summary>
static class RecipePaths
{
    const string Cache = "cache:";

    /// <summary>Changes each path of a tree that has been checked.</summary>
    public static void Change(JsonNode tree, JsonTypeInfo info, Func<string, string> change)
    {
        if (tree is JsonArray list && info.ElementType is { } element)
        {
            foreach (var entry in list.OfType<JsonNode>()) Change(entry, info.Options.GetTypeInfo(element), change);
            return;
        }
        if (tree is JsonObject table && info.Kind == JsonTypeInfoKind.Dictionary && info.ElementType is { } held)
        {
            foreach (var (_, entry) in table.ToList())
                if (entry is not null) Change(entry, info.Options.GetTypeInfo(held), change);
            return;
        }
        if (tree is not JsonObject given || info.Kind != JsonTypeInfoKind.Object) return;
        var own = info.PolymorphismOptions is not { } family ? info
            : info.Options.GetTypeInfo(family.DerivedTypes.First(type => type.TypeDiscriminator!.Equals((string?)given["name"])).DerivedType);
        foreach (var property in RecipeCheck.Options(own))
        {
            if (given[property.Name] is not { } value) continue;
            if (property.AttributeProvider?.IsDefined(typeof(RecipePathAttribute), inherit: true) != true)
                Change(value, info.Options.GetTypeInfo(property.PropertyType), change);
            else if (value is JsonArray paths)
                for (var i = 0; i < paths.Count; i++) paths[i] = change((string)paths[i]!);
            else
                given[property.Name] = change((string)value!);
        }
    }

    /// <summary>From a recipe's folder: <c>cache:NAME</c> stands for NAME in the data sets' folder.</summary>
    public static string Absolute(string path, string folder) => path.StartsWith(Cache, StringComparison.Ordinal)
        ? Path.GetFullPath(path[Cache.Length..].TrimStart('/'), CacheFolders.Data)
        : Path.GetFullPath(path, folder);

    /// <summary>
    /// As a recipe in this folder would name it: <c>cache:NAME</c> below the data sets' folder, relative to the recipe
    /// where they share more than the root, else as it is.
    /// </summary>
    public static string From(string path, string folder)
    {
        if (!Path.IsPathRooted(path)) return path;
        var cached = Path.GetRelativePath(CacheFolders.Data, path);
        if (cached != path && cached != ".." && !cached.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return Cache + Slashes(cached);
        var root = Path.GetPathRoot(path)!;
        var shared = path[root.Length..].Split(Path.DirectorySeparatorChar)[0] == Path.GetFullPath(folder)[root.Length..].Split(Path.DirectorySeparatorChar)[0];
        return shared ? Slashes(Path.GetRelativePath(folder, path)) : path;
    }

    static string Slashes(string path) => path.Replace(Path.DirectorySeparatorChar, '/');
}
