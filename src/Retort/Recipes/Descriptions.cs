using System.Reflection;
using System.Xml.Linq;

namespace Retort.Recipes;

/// <summary>
/// The summaries of types and options, read from the documentation files beside the assemblies; empty where such a file
/// is missing.
/// </summary>
static class Descriptions
{
    const string OptionsEnding = "Options";

    static readonly Dictionary<Assembly, Dictionary<string, string>> Loaded = [];

    /// <summary>The summary of a type.</summary>
    public static string Of(Type type) => Of(type.Assembly, $"T:{type.FullName?.Replace('+', '.')}");

    /// <summary>The summary of a record XOptions: that of the type X where there is one, else its own.</summary>
    public static string OfOptions(Type options)
    {
        var name = options.FullName ?? "";
        if (!name.EndsWith(OptionsEnding, StringComparison.Ordinal)) return Of(options);

        var described = options.Assembly.GetType(name[..^OptionsEnding.Length]) is { } type ? Of(type) : "";
        return described.Length > 0 ? described : Of(options);
    }

    /// <summary>The summary of an option.</summary>
    public static string Of(PropertyInfo option)
    {
        var assembly = option.DeclaringType!.Assembly;
        var type = option.DeclaringType.FullName?.Replace('+', '.');
        var own = Of(assembly, $"P:{type}.{option.Name}");
        return own.Length > 0 ? own : Of(assembly, $"T:{type}/{option.Name}");   // a parameter of a record
    }

    static string Of(Assembly assembly, string member)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(assembly, out var summaries)) Loaded[assembly] = summaries = Load(assembly);
            return summaries.GetValueOrDefault(member, "");
        }
    }

    // by member as the compiler writes it: "P:Retort.Recipes.Recipe.Seeds"; a parameter is "T:Type/Parameter"
    static Dictionary<string, string> Load(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        if (!File.Exists(file)) return [];

        Dictionary<string, string> summaries = [];
        List<(string Member, string From)> inherited = [];
        foreach (var element in XDocument.Load(file).Descendants("member"))
        {
            var member = (string)element.Attribute("name")!;
            if (element.Element("summary") is { } summary)
                summaries[member] = PlainText(summary);
            else if ((string?)element.Element("inheritdoc")?.Attribute("cref") is { } from)
                inherited.Add((member, from));
            foreach (var parameter in element.Elements("param"))
                summaries[$"{member}/{(string?)parameter.Attribute("name")}"] = PlainText(parameter);
        }
        foreach (var (member, from) in inherited) summaries.TryAdd(member, summaries.GetValueOrDefault(from, ""));
        return summaries;
    }

    static string PlainText(XElement element) => string.Join(' ', string.Concat(element.Nodes().Select(Text))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "paramref" or "typeparamref" or "seealso" } link => LinkText(link),
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    // a property is the key of recipes, "training" for "P:Retort.Recipes.Recipe.Training"; a type is its own name
    static string LinkText(XElement link)
    {
        string[] attributes = ["cref", "name", "langword", "href"];
        var target = attributes.Select(name => (string?)link.Attribute(name)).OfType<string>().FirstOrDefault("");
        var word = target.Split('(')[0].Split('.')[^1];
        return target.StartsWith("P:", StringComparison.Ordinal) ? char.ToLowerInvariant(word[0]) + word[1..] : word;
    }
}
