namespace Retort.Tests.House;

/// <summary>
/// Which folder of the sources may name which: the table of docs/architecture.md. Arrows point down only.
/// </summary>
public sealed class ArrowTests
{
    static readonly string[] Floor = ["Retort.Tensors", "Retort.Runtime"];
    static readonly string[] Leaf = ["Retort/Contracts", .. Floor];

    static readonly string[] BelowRecipes =
    [
        "Retort/Tasks", "Retort/Methods", "Retort/Models", "Retort/Data", "Retort/Teachers", "Retort/Environments",
        "Retort/Training", .. Leaf,
    ];

    static readonly string[] BelowReport = ["Retort/Recipes", "Retort/Runs", .. BelowRecipes];

    /// <summary>By folder, those that it may name besides its own. Retort.Cli may name all.</summary>
    static readonly Dictionary<string, string[]> Table = new()
    {
        ["Retort.Tensors"] = ["Retort.Tensors"],
        ["Retort.Runtime"] = ["Retort.Runtime"],
        ["Retort/Contracts"] = ["Retort.Tensors"],
        ["Retort/Tasks"] = Leaf,
        ["Retort/Methods"] = Leaf,
        ["Retort/Models"] = Leaf,
        ["Retort/Teachers"] = Leaf,
        ["Retort/Environments"] = Leaf,
        ["Retort/Training"] = Leaf,
        ["Retort/Data"] = ["Retort/Tasks", .. Leaf],
        ["Retort/Recipes"] = BelowRecipes,
        ["Retort/Runs"] =
        [
            "Retort/Recipes", "Retort/Training", "Retort/Teachers", "Retort/Data", "Retort/Tasks",
            "Retort/Environments", .. Leaf,
        ],
        ["Retort/Export"] = BelowReport,
        ["Retort/Report"] = BelowReport,
        ["Retort/Studies"] = ["Retort/Report", .. BelowReport],
    };

    static readonly Lazy<SourceGraph> Sources = new(() => new(Repository.At("src")));

    [Fact]
    public void A_folder_names_only_those_that_the_table_allows() =>
        None(Breaches(Sources.Value).Distinct());

    [Fact]
    public void No_folders_lead_to_each_other() =>
        None(Sources.Value.FolderCircles.Select(circle => string.Join(" · ", circle)));

    [Fact]
    public void At_most_two_files_lead_to_each_other_the_halves_of_one_thing() =>
        None(Sources.Value.FileCircles.Where(circle => circle.Count > 2).Select(circle => string.Join(" · ", circle)));

    [Fact] // the reader of sources must be able to find what is wrong
    public void Arrows_and_circles_are_found_in_the_text()
    {
        var root = Contract.Few.Folder();
        Write("Retort/Retort.csproj", """<ProjectReference Include="../Retort.Tensors/Retort.Tensors.csproj" />""");
        Write("Retort.Tensors/Retort.Tensors.csproj", "");
        Write("Retort.Tensors/Word.cs", "namespace Retort.Tensors;\npublic static class Word { }");
        Write("Retort/Data/Reader.cs", """
            using Retort.Models;
            using Retort.Tensors;
            namespace Retort.Data;
            sealed class Reader
            {
                const char Quote = '"';
                string _text = "Third";                                // a text and a comment are no use of Third
                Network Make() => new(nameof(Word));
            }
            """);
        Write("Retort/Models/Network.cs", "namespace Retort.Models;\npublic record Network(Second Next);");
        Write("Retort/Models/Second.cs", "namespace Retort.Models;\npublic record Second(Third Next);");
        Write("Retort/Models/Third.cs", "namespace Retort.Models;\npublic record Third(Network? Next);");
        Write("Retort/Other/Free.cs", "using Retort.Models;\nnamespace Retort.Other;\nclass Free { Second? _next; }");

        var graph = new SourceGraph(root);
        Assert.Equal(6, graph.Count);
        Assert.Equal(
            ["Retort/Data/Reader.cs names Network of Retort/Models", "Retort/Other has no place in the table"],
            Breaches(graph).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["Retort/Models/Network.cs", "Retort/Models/Second.cs", "Retort/Models/Third.cs"],
            Assert.Single(graph.FileCircles));
        Assert.Empty(graph.FolderCircles);

        Write("Retort/Models/Second.cs", "using Retort.Data;\nnamespace Retort.Models;\nrecord Second(Reader Next);");
        Assert.Equal(["Retort/Data", "Retort/Models"], Assert.Single(new SourceGraph(root).FolderCircles));

        void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllText(Path.Combine(root, path), text);
        }
    }

    static void None(IEnumerable<string> broken)
    {
        var lines = broken.Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }

    static IEnumerable<string> Breaches(SourceGraph graph)
    {
        foreach (var arrow in graph.Arrows.Where(arrow => arrow.From.Folder != arrow.To.Folder))
        {
            var (from, to) = (arrow.From.Folder, arrow.To.Folder);
            if (arrow.From.Project == "Retort.Cli") continue;
            if (!Table.TryGetValue(from, out var allowed) && !Table.TryGetValue(arrow.From.Project, out allowed))
                yield return $"{from} has no place in the table";
            else if (!allowed.Any(folder => to == folder || to.StartsWith(folder + "/", StringComparison.Ordinal)))
                yield return arrow.ToString();
        }
    }
}
