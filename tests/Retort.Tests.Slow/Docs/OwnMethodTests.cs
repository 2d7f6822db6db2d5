using Retort.Tests.House;
using Retort.Tests.Packages;
using Retort.Tests.Recipes;

namespace Retort.Tests.Docs;

/// <summary>The files and commands of docs/own-method.md, from a class to the comparison with <c>kd</c>.</summary>
public sealed class OwnMethodTests : IDisposable
{
    const string Page = "docs/own-method.md";

    // one epoch of fewer images instead of the page's, for time
    static readonly string[] Short =
    [
        "--seeds", "1", "--set", "training.epochs=1", "--set", "teacher.training.epochs=1",
        "--set", "data.maxExamples=2000",
    ];

    readonly string _root = Directory.CreateTempSubdirectory("retort-page-").FullName;

    [Fact]
    public void A_method_is_built_trained_and_compared()
    {
        var (checkout, mine) = (Checkout(), Build());
        foreach (var command in PageBlocks.Commands(Page, "./retort")) Run(checkout, PageBlocks.Words(command)[1..]);
        Assert.Equal("logit-matching", Method("runs/mine"));
        Assert.Equal("kd", Method("runs/kd"));
        var comparison = File.ReadAllText(Path.Combine(checkout, "comparison", "compare.md"));
        Assert.Contains("mine", comparison, StringComparison.Ordinal);

        // the second example
        Run(checkout,
        [
            "run", "recipes/quickstart.json", "--out", "runs/cosine",
            "--with", "../mine/bin/Release/net10.0/Mine.dll", "--set", """method={"name":"cosine-embedding"}""",
        ]);
        var terms = File.ReadAllText(Path.Combine(checkout, "runs/cosine/networks/student-seed1/metrics.jsonl"));
        Assert.Contains("\"embedding\":", terms, StringComparison.Ordinal);

        // the check in the build, also in a project without warnings as errors
        File.WriteAllText(Path.Combine(mine, "Scaled.cs"), """
            static class Scaled
            {
                public static TorchSharp.torch.Tensor Of(TorchSharp.torch.Tensor x) => 0.1 * x;
            }
            """);
        var refused = Assert.Throws<InvalidOperationException>(() => Dotnet.Run(
            mine, "build", "-c", "Release", "-v", "quiet", "--no-dependencies", "-p:TreatWarningsAsErrors=false"));
        Assert.Contains("error RS0030: ", refused.Message, StringComparison.Ordinal);

        string Method(string run) =>
            (string)TestRuns.Json(Path.Combine(checkout, run, "run.json"))["recipe"]!["method"]!["name"]!;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // the page's commands write beside the recipes: into a folder that has links to them
    string Checkout()
    {
        var checkout = Directory.CreateDirectory(Path.Combine(_root, "retort")).FullName;
        foreach (var name in (string[])["recipes", "data"])
            Directory.CreateSymbolicLink(Path.Combine(checkout, name), Repository.At(name));
        return checkout;
    }

    // against this checkout's projects, which are built already
    string Build()
    {
        var mine = Directory.CreateDirectory(Path.Combine(_root, "mine")).FullName;
        var files = PageBlocks.Files(Page);
        Assert.Equal(
            ["Mine.csproj", "LogitMatching.cs", "Extension.cs", "CosineEmbedding.cs", "ByHand.cs"], files.Keys);
        files["Mine.csproj"] = files["Mine.csproj"].Replace(
            "../retort/", Repository.Root + "/", StringComparison.Ordinal);
        const string first = "public void Register() => Registry.Add<LogitMatchingOptions>(\"logit-matching\");";
        const string second = "Registry.Add<CosineEmbeddingOptions>(\"cosine-embedding\")";
        Assert.Contains(second, File.ReadAllText(Repository.At(Page)), StringComparison.Ordinal);
        Assert.Contains(first, files["Extension.cs"], StringComparison.Ordinal);
        files["Extension.cs"] = files["Extension.cs"].Replace(first, $$"""
            public void Register()
            {
                Registry.Add<LogitMatchingOptions>("logit-matching");
                {{second}};
            }
            """, StringComparison.Ordinal);
        foreach (var (name, text) in files) File.WriteAllText(Path.Combine(mine, name), text);
        Feed.Prepare(mine, Path.Combine(_root, "unpacked"));
        foreach (var command in PageBlocks.Commands(Page, "dotnet build"))
            Dotnet.Run(mine, [.. PageBlocks.Words(command)[1..], "-v", "quiet"]);
        return mine;
    }

    // the page's trial is short already, but for the images
    static void Run(string checkout, string[] words) => Dotnet.Start(TestRuns.Program, checkout,
        [.. words, .. words[0] != "run" ? [] : words.Contains("--seeds") ? Short[^2..] : Short]);
}
