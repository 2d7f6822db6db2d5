using System.Reflection;
using System.Xml.Linq;

namespace Retort.Recipes;

/// <summary>
/// The summaries of types and options as written in the code, read from the documentation files beside the assemblies;
/// empty where such a file was left out.
/// </summary>
static class Descriptions
{
    static readonly Dictionary<Assembly, Dictionary<string, string>> Read = [];

    /// <summary>What a type is for.</summary>
    public static string Of(Type type) => Of(type.Assembly, $"T:{type.FullName?.Replace('+', '.')}");

    /// <summary>What a record of options named XOptions is for: what X says of itself, where there is an X.</summary>
    public static string OfOptions(Type options)
    {
        var own = options.FullName is { } name && name.EndsWith("Options", StringComparison.Ordinal)
            && options.Assembly.GetType(name[..^"Options".Length]) is { } type ? Of(type) : "";
        return own.Length > 0 ? own : Of(options);
    }

    /// <summary>What an option is for.</summary>
    public static string Of(PropertyInfo option)
    {
        var (assembly, type) = (option.DeclaringType!.Assembly, option.DeclaringType.FullName?.Replace('+', '.'));
        return Of(assembly, $"P:{type}.{option.Name}") is { Length: > 0 } own ? own : Of(assembly, $"T:{type}/{option.Name}");   // a record's parameter
    }

    static string Of(Assembly assembly, string member)
    {
        lock (Read)
        {
            if (!Read.TryGetValue(assembly, out var all)) Read[assembly] = all = Load(assembly);
            return all.GetValueOrDefault(member, "");
        }
    }

    static Dictionary<string, string> Load(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(file)) return [];
        Dictionary<string, string> found = [];
        List<(string Name, string From)> inherited = [];
        foreach (var member in XDocument.Load(file).Descendants("member"))
        {
            var name = (string)member.Attribute("name")!;
            if (member.Element("summary") is { } summary) found[name] = Plain(summary);
            else if ((string?)member.Element("inheritdoc")?.Attribute("cref") is { } elsewhere) inherited.Add((name, elsewhere));
            foreach (var parameter in member.Elements("param")) found[$"{name}/{(string?)parameter.Attribute("name")}"] = Plain(parameter);
        }
        foreach (var (name, from) in inherited) found.TryAdd(name, found.GetValueOrDefault(from, ""));
        return found;
    }

    static string Plain(XElement text) => string.Join(' ', string.Concat(text.Nodes().Select(Text))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "paramref" or "typeparamref" or "seealso" } link => Named(link),
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    // "P:Retort.Recipes.Recipe.Training" is the word "training" to whoever writes a recipe, "T:Retort.Data.Toy" is "Toy"
    static string Named(XElement link)
    {
        var target = (string?)(link.Attribute("cref") ?? link.Attribute("name") ?? link.Attribute("langword") ?? link.Attribute("href")) ?? "";
        var word = target.Split('(')[0].Split('.')[^1];
        return target.StartsWith("P:", StringComparison.Ordinal) ? char.ToLowerInvariant(word[0]) + word[1..] : word;
    }
}
