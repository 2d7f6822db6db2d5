using System.Xml.Linq;
using Retort.Tests.House;

namespace Retort.Tests.Samples;

/// <summary>docs/images-to-service.md against the files that it repeats; the slow tests run it.</summary>
public sealed class ImagePageTests
{
    static readonly Dictionary<string, string> s_files = PageBlocks.Files("docs/images-to-service.md");

    [Fact]
    public void The_program_of_the_page_is_the_sample() =>
        Assert.Equal(File.ReadAllText(Repository.At("samples/serve/Program.cs")), s_files["Program.cs"]);

    [Fact]
    public void The_recipe_of_the_first_page_is_the_one_of_the_page() =>
        Assert.Contains(s_files["photos.json"], File.ReadAllText(Repository.At("README.md")), StringComparison.Ordinal);

    [Fact]
    public void The_packages_of_the_page_have_the_versions_of_the_solution()
    {
        var versions = XDocument.Load(Repository.At("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(Name, Version);
        versions["Retort.Runtime"] = "1.0.0";                   // the version that dotnet pack gives it
        var references = XDocument.Parse(s_files["photo-service.csproj"]).Descendants("PackageReference").ToList();
        Assert.Equal(3, references.Count);
        Assert.All(references, package => Assert.Equal(versions[Name(package)], Version(package)));

        static string Name(XElement package) => (string)package.Attribute("Include")!;
        static string Version(XElement package) => (string)package.Attribute("Version")!;
    }
}
