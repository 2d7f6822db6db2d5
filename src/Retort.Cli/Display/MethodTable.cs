using System.Reflection;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Tasks;
using Retort.Report;
using Retort.Runs;
using Retort.Studies.Fidelity;
using Retort.Training;

namespace Retort.Cli.Display;

/// <summary>A method as a list shows it.</summary>
/// <param name="Key">Its name in a recipe.</param>
/// <param name="Paper">Who wrote it down.</param>
/// <param name="Year">When; 0 for no paper.</param>
/// <param name="Teacher">What it asks of the teacher.</param>
/// <param name="Student">What it asks of the student.</param>
/// <param name="Page">Where it is explained; empty for the control.</param>
/// <param name="File">Where its code stands.</param>
sealed record MethodLine(string Key, string Paper, int Year, string Teacher, string Student, string Page, string File);

/// <summary>From paper to file, page and result.</summary>
static class MethodTable
{
    // sizes of no run: a method that needs some is built only to be asked what it needs
    static readonly DatasetInfo SmallData = new() { Classes = ["a", "b"], Inputs = [TensorSpec.Features(2)] };

    static readonly OutputShapes SmallShapes = new(Output.All.ToDictionary(key => key,
        key => (IReadOnlyList<long[]>)[[.. Enumerable.Repeat(2L, key.Axes[0].Count - 1)]]));

    static readonly MethodContext Small = new()
    {
        Task = new ClassificationOptions().Build(SmallData), Data = SmallData, Examples = 2, BatchSize = 2, Steps = 1,
        Teacher = SmallShapes, Student = SmallShapes,
    };

    /// <summary>Papers that measure students and train none, by key: the type that is marked with the paper, and its file.</summary>
    public static IReadOnlyDictionary<string, (Type Type, string File)> Measures { get; } =
        new Dictionary<string, (Type, string)>
        {
            ["fidelity"] = (typeof(ClaimOptions), "src/Retort/Studies/Fidelity/FidelityStudy.cs"),
        };

    /// <summary>Every method that recipes can name, then the measures.</summary>
    public static IReadOnlyList<MethodLine> All() =>
    [
        .. Registry.Methods.Select(pair => Line(pair.Key, pair.Value)),
        .. Measures.Select(pair => Measure(pair.Key, pair.Value.Type, pair.Value.File)),
    ];

    /// <summary>PAPERS.md, with what the committed results of each method's recipes say.</summary>
    /// <param name="root">The repository's folder.</param>
    public static string Markdown(string root)
    {
        List<string> lines =
        [
            "# From paper to file, page and result", "",
            "*Made by `retort methods --markdown`; a result is the verdict of a recipe whose results are kept beside it.*", "",
            "| key | paper | file | page | result |", "|---|---|---|---|---|",
        ];
        foreach (var method in All())
            lines.Add($"| `{method.Key}` | {method.Paper} | [{Path.GetFileName(method.File)}]({method.File}) | "
                + $"{(method.Page.Length == 0 ? "" : $"[{method.Key}]({method.Page})")} | {string.Join("<br>", Results(root, method.Key))} |");
        return string.Join('\n', lines) + '\n';
    }

    static MethodLine Line(string key, Type type)
    {
        var paper = Registry.Paper(key);
        var needs = Needs(type);
        return new(key, paper.Citation, paper.Year, Written(needs.Teacher), Written(needs.Student) + (needs.Ema.IsEmpty ? "" : $", {Written(needs.Ema)} of its average"),
            key == "labels" ? "" : $"docs/methods/{key}.md", $"src/Retort/Methods/{Registry.PaperClass(key, type).Name}.cs");
    }

    static MethodLine Measure(string key, Type type, string file)
    {
        var paper = type.GetCustomAttribute<PaperAttribute>()!;
        return new(key, paper.Citation, paper.Year, "", "", $"docs/methods/{key}.md", file);
    }

    static RequiredOutputs Needs(Type type)
    {
        if (Activator.CreateInstance(type) is ProcedureOptions procedure) return new(procedure.Build().RequiredOfTeacher, Output.Logits);
        using var method = ((LossOptions)Activator.CreateInstance(type)!).Build(Small);
        return method.Requires;
    }

    static string Written(OutputSet signals) => signals.IsEmpty ? "nothing" : signals.ToString().ToLowerInvariant();

    static IEnumerable<string> Results(string root, string method)
    {
        var folder = Path.Combine(root, "recipes");
        foreach (var results in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.results.json").Order(StringComparer.Ordinal).ToArray() : [])
        {
            var recipe = $"{results[..^".results.json".Length]}.json";
            if (Of(recipe) != method) continue;
            var verdict = JsonNode.Parse(File.ReadAllText(results))?["verdict"];
            yield return $"[{Path.GetFileNameWithoutExtension(recipe)}](recipes/{Path.GetFileName(recipe)}): {verdict?["sentence"] ?? "no verdict"}";
        }
    }

    // the method of a recipe, or the measure of a study
    static string? Of(string recipe) => FidelityRecipe.IsAt(recipe) ? "fidelity"
        : Recipe.Read(recipe).Method.GetType() is var type && type != typeof(Retort.Methods.LabelsOnlyOptions)
            ? Registry.Methods.FirstOrDefault(pair => pair.Value == type).Key : null;
}
