using System.Reflection;
using System.Text.Json.Nodes;
using Retort.Methods;
using Retort.Recipes;
using Retort.Studies.Fidelity;

namespace Retort.Cli.Display;

/// <summary>The list of methods with their papers, pages, source files and results.</summary>
static class MethodTable
{
    // any sizes will do: a method is built here only to ask for the outputs that it needs
    static readonly DatasetInfo AnyData = new()
    {
        Classes = ["a", "b"],
        Inputs = [TensorSpec.Features(2), TensorSpec.Tokens(InputNames.AttentionMask, 2)],
    };

    static readonly OutputShapes AnyShapes = new(Output.All.ToDictionary(key => key,
        key => (IReadOnlyList<long[]>)[.. Enumerable.Repeat(AnyShape(key), key.PerLayer ? 3 : 1)]));

    static readonly MethodContext AnySizes = new()
    {
        Task = new AnyTask(),
        Data = AnyData,
        Examples = 2,
        BatchSize = 2,
        Steps = 1,
        Teacher = AnyShapes,
        Student = AnyShapes,
    };

    /// <summary>
    /// Papers that measure students and train none, by key: the type that is marked with the paper, and its file.
    /// </summary>
    public static IReadOnlyDictionary<string, (Type Type, string File)> Measures { get; } =
        new Dictionary<string, (Type, string)>
        {
            ["fidelity"] = (typeof(ClaimOptions), "src/Retort/Studies/Fidelity/FidelityStudy.cs"),
        };

    /// <summary>Every registered method, then the measures.</summary>
    public static IReadOnlyList<MethodRow> All() =>
    [
        .. Registry.Methods.Select(pair => Method(pair.Key, pair.Value)),
        .. Measures.Select(pair => Measure(pair.Key, pair.Value.Type, pair.Value.File)),
    ];

    /// <summary>PAPERS.md, with the committed results of each method's recipes.</summary>
    /// <param name="root">The repository's folder.</param>
    public static string Markdown(string root)
    {
        string[] head = ["key", "paper", "file", "page", "result"];
        List<string> lines =
        [
            "# From paper to file, page and result",
            "",
            "*Made by `retort methods --markdown`; "
                + "a result is the verdict of a recipe whose results are kept beside it.*",
            "",
            .. MarkdownTable.Lines(head, head.Length, All().Select(method => Cells(method, root))),
        ];
        return string.Join('\n', lines) + '\n';
    }

    static long[] AnyShape(OutputKey key) => [.. Enumerable.Repeat(2L, key.Axes[0].Count - 1)];

    static string[] Cells(MethodRow method, string root) =>
    [
        $"`{method.Key}`",
        method.Paper,
        $"[{Path.GetFileName(method.File)}]({method.File})",
        method.Page.Length == 0 ? "" : $"[{method.Key}]({method.Page})",
        string.Join("<br>", Results(root, method.Key)),
    ];

    static MethodRow Method(string key, Type type)
    {
        var paper = Registry.Paper(key);
        var isAdded = type.Assembly != typeof(Registry).Assembly;           // by --with
        var needs = Needs(type);
        var average = needs.Ema.IsEmpty ? "" : $", {Text(needs.Ema)} of its average";
        return new(
            key,
            paper.Citation,
            paper.Year,
            Text(needs.Teacher),
            Text(needs.Student) + average,
            key == "labels" || isAdded ? "" : $"docs/methods/{key}.md",
            isAdded ? "" : $"src/Retort/Methods/{Registry.PaperClass(key, type).Name}.cs");
    }

    static MethodRow Measure(string key, Type type, string file)
    {
        var paper = type.GetCustomAttribute<PaperAttribute>()!;
        return new(key, paper.Citation, paper.Year, "", "", $"docs/methods/{key}.md", file);
    }

    static RequiredOutputs Needs(Type type)
    {
        if (Activator.CreateInstance(type) is ProcedureOptions procedure)
            return new(procedure.Build().RequiredOfTeacher, Output.Logits);

        using var method = ((LossOptions)Activator.CreateInstance(type)!).Build(AnySizes);
        return method.Requires;
    }

    static string Text(OutputSet outputs) => outputs.IsEmpty ? "nothing" : outputs.ToString().ToLowerInvariant();

    static IEnumerable<string> Results(string root, string method)
    {
        var folder = Path.Combine(root, "recipes");
        if (!Directory.Exists(folder)) yield break;

        foreach (var results in Directory.GetFiles(folder, "*.results.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            var recipe = $"{results[..^".results.json".Length]}.json";
            if (MethodOf(recipe) != method) continue;

            var verdict = JsonNode.Parse(InputFile.ReadAllText(results, Array.MaxLength))?["verdict"]?["sentence"];
            var name = Path.GetFileNameWithoutExtension(recipe);
            var path = Path.GetRelativePath(root, recipe).Replace('\\', '/');
            yield return $"[{name}]({path}): {verdict ?? "no verdict"}";
        }
    }

    /// <summary>The method of a recipe or the measure of a study; null for the control alone.</summary>
    static string? MethodOf(string recipe)
    {
        if (FidelityRecipe.IsAt(recipe)) return "fidelity";

        var type = Recipe.Read(recipe).Method.GetType();
        if (type == typeof(LabelsOnlyOptions)) return null;
        return Registry.Methods.FirstOrDefault(pair => pair.Value == type).Key;
    }
}
