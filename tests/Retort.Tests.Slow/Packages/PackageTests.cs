using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Retort.Report;
using Retort.Runtime;
using Retort.Studies;
using Retort.Tests.House;

namespace Retort.Tests.Packages;

/// <summary>
/// The packages as a user gets them; the program of docs/library.md is built from them, as it stands there.
/// </summary>
[Collection(Feed.Shared)]
public sealed class PackageTests(Feed feed)
{
    const string Whole = "It packs or publishes 0.5 GB: tests/packages runs it.";

    [Theory]
    [InlineData("Retort.Tensors", "SharpZipLib SkiaSharp System.Numerics.Tensors TorchSharp")]
    [InlineData("Retort.Runtime", "Google.Protobuf Microsoft.ML.OnnxRuntime.Managed SkiaSharp System.Numerics.Tensors")]
    [InlineData(
        "Retort", "MathNet.Numerics Parquet.Net Retort.Runtime Retort.Tensors ScottPlot SkiaSharp ZstdSharp.Port")]
    public void A_package_holds_the_library_its_documentation_and_what_it_refers_to(string library, string references)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed.Folder, $"{library}.{Feed.Version}.nupkg"));
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        foreach (var file in (string[])
        [
            $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml", $"lib/net10.0/{library}.pdb", "README.md",
        ])
            Assert.Contains(file, files);
        Assert.DoesNotContain(files, file => file.StartsWith("runtimes/", StringComparison.Ordinal)
            || file.Contains("Test", StringComparison.Ordinal));
        Assert.Equal(
            library == "Retort.Tensors",
            files.Contains("buildTransitive/Retort.Tensors.targets") && files.Contains("buildTransitive/OnLoad.cs"));

        using var nuspec = package.GetEntry($"{library}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        string Said(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal(
            (library, Feed.Version, "MIT", "README.md"),
            (Said("id"), Said("version"), Said("license"), Said("readme")));
        Assert.True(Said("description").Length > 60
            && Said("tags").Contains("knowledge-distillation", StringComparison.Ordinal));
        var dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency").ToList();
        Assert.All(
            references.Split(' '),
            name => Assert.Contains(dependencies, dependency => (string?)dependency.Attribute("id") == name));
        Assert.DoesNotContain(dependencies, dependency =>
            Id(dependency).StartsWith("libtorch", StringComparison.OrdinalIgnoreCase)
            || (library == "Retort.Runtime" && Id(dependency).Contains("Torch", StringComparison.OrdinalIgnoreCase)));
        Assert.All(
            dependencies.Where(dependency => Id(dependency).StartsWith("Retort", StringComparison.Ordinal)),
            dependency => Assert.Equal(Feed.Version, (string?)dependency.Attribute("version")));

        static string Id(XElement dependency) => (string)dependency.Attribute("id")!;
    }

    [Fact]
    public void Nothing_packed_names_the_folder_it_was_built_in()
    {
        Assert.SkipUnless(Feed.Configuration == "Release", "Only what is built for others goes without.");
        foreach (var file in Directory.GetFiles(feed.Folder, "*.nupkg"))
        {
            using var package = ZipFile.OpenRead(file);
            foreach (var entry in package.Entries)
            {
                using var content = new MemoryStream();
                using (var stream = entry.Open()) stream.CopyTo(content);
                foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
                    Assert.True(
                        content.ToArray().AsSpan().IndexOf(encoding.GetBytes(Repository.Root)) < 0,
                        $"{Path.GetFileName(file)}: {entry.FullName} names {Repository.Root}.");
            }
        }
    }

    [Fact] // half way round a spiral that starts at 180°: at 360°, so (0.5, 0) lies on the second
    public void A_program_with_its_own_data_network_and_method_trains_exports_and_predicts()
    {
        var folder = Written();
        Dotnet.Run(folder, "build", "-c", "Release", "-v", "quiet", "-o", "built");
        Assert.DoesNotContain(
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories),
            file => Path.GetFileName(file).Contains("torch_cpu", StringComparison.Ordinal));

        var said = Dotnet.Run(folder, "built/Mine.dll");
        Assert.Contains("(0.5, 0): second\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain(folder, Libtorch(said), StringComparison.Ordinal);
        var results = Reports.Read(Path.Combine(folder, "runs", "spirals"));
        Assert.InRange(results.Student.Scores["accuracy"].Mean, 0.9, 1);
        using var student = Student.Open(Path.Combine(folder, "student"));
        Assert.Equal(["first", "second"], student.Classes);
        Assert.Equal("first", student.Predict([-0.5f, 0]).Name);

        File.WriteAllText(Path.Combine(folder, "Scaled.cs"), """
            static class Scaled
            {
                public static TorchSharp.torch.Tensor Of(TorchSharp.torch.Tensor x) => 0.1 * x;
            }
            """);
        var refused = Assert.Throws<InvalidOperationException>(
            () => Dotnet.Run(
                folder, "build", "-c", "Release", "-v", "quiet", "-o", "refused", "-p:TreatWarningsAsErrors=false"));
        Assert.Contains("error RS0030: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("write x.Times(0.5)", refused.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "Scaled.cs"));

        // the command reads its names with --with, child processes too
        string[] with = ["--with", Path.Combine("built", "Mine.dll")];
        Dotnet.Start(Recipes.TestRuns.Program, folder, ["report", "runs/spirals", "--check", .. with]);
        Dotnet.Start(
            Recipes.TestRuns.Program, folder,
            [
                "run", "spirals.json", "--out", "runs/again", "--set", "seeds=2", "--set", "threads=1", "--jobs", "2",
                "--quiet", .. with,
            ]);
        Dotnet.Start(
            Recipes.TestRuns.Program, folder, ["export", "runs/again", "--out", "from-command", .. with]);
    }

    [Theory] // portable, and for one system
    [InlineData]
    [InlineData("-r", "linux-x64", "--self-contained", "false")]
    public void A_published_program_has_libtorch_beside_it(params string[] system)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("RETORT_PACKAGES") == "1", Whole);
        var folder = Written();
        Dotnet.Run(folder, ["publish", "-c", "Release", "-v", "quiet", "-o", "published", .. system]);
        var torch = Assert.Single(Directory.GetFiles(folder, "libtorch_cpu.so", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(folder, "published", "libtorch", "libtorch_cpu.so"), torch);
        var said = Dotnet.Run(folder, "published/Mine.dll");
        Assert.Equal(torch, Libtorch(said));
        Assert.Contains("(0.5, 0): second\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tool_is_installed_from_its_package_and_runs()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("RETORT_PACKAGES") == "1", Whole);
        var folder = feed.Project("tool");
        Dotnet.Run(
            Repository.Root, "pack", "src/Retort.Cli", "-c", "Release", "-v", "quiet",
            $"-p:PackageVersion={Feed.Version}", "-o", feed.Folder);
        Dotnet.Run(
            folder, "tool", "install", "Retort.Tool", "--version", Feed.Version, "--tool-path", "tools", "--add-source",
            feed.Folder);
        var retort = Path.Combine(folder, "tools", OperatingSystem.IsWindows() ? "retort.exe" : "retort");
        Assert.Matches(@"^\d+\.\d+\.\d+", Dotnet.Start(retort, folder, "--version"));
        Assert.Contains(
            Path.Combine("tools", ".store"), Dotnet.Start(retort, folder, "doctor"), StringComparison.Ordinal);
        Assert.Equal(
            File.ReadAllText(Repository.At("docs/recipe.schema.json")), Dotnet.Start(retort, folder, "schema"));

        File.WriteAllText(Path.Combine(folder, "toy.json"), Recipes.TestRuns.Recipe(seeds: 2, threads: 1).ToJson());
        Dotnet.Start(retort, folder, "run", "toy.json", "--jobs", "2", "--quiet");
        Assert.True(File.Exists(Path.Combine(folder, "runs", "toy", "report.html")));
        Dotnet.Start(retort, folder, "export", "runs/toy", "--out", "student");
        Student.Verify(Path.Combine(folder, "student"));
    }

    /// <summary>
    /// The files of the page, and a few lines more that say which libtorch was loaded and hold
    /// the page's recipe against the page's code.
    /// </summary>
    string Written()
    {
        var folder = feed.Project($"mine-{Guid.NewGuid():N}");
        var files = PageBlocks.Files("docs/library.md");
        Assert.Equal(
            [
                "Mine.csproj", "Spirals.cs", "Residual.cs", "LogitMatching.cs", "Extension.cs", "Program.cs",
                "spirals.json",
            ],
            files.Keys);
        files["Mine.csproj"] = Regex.Replace(
            files["Mine.csproj"], "(\"Retort\" Version=)\"[^\"]+\"", $"$1\"{Feed.Version}\"");
        files["Program.cs"] += """
            var libtorch = Retort.Tensors.Native.NativeLoader.Files.Single(file => file.Name == "torch_cpu");
            Console.WriteLine($"libtorch: {libtorch.Path}");
            var read = Recipe.Read("spirals.json");
            if ((read.Data, read.Student, read.Method) != (new SpiralOptions(), recipe.Student, recipe.Method))
                throw new InvalidOperationException("The file is not the code.");
            """;
        foreach (var (name, text) in files) File.WriteAllText(Path.Combine(folder, name), text);
        return folder;
    }

    static string Libtorch(string said) =>
        said.Split('\n').Single(line => line.StartsWith("libtorch: ", StringComparison.Ordinal))["libtorch: ".Length..];
}
