using Retort.Tests.House;

namespace Retort.Tests.Packages;

/// <summary>
/// A folder with the three libraries as packages, made from the build that is tested, and what
/// a user's project needs to see them. The test classes that need it share it.
/// </summary>
[CollectionDefinition(Shared)]
public sealed class Feed : IDisposable, ICollectionFixture<Feed>
{
    /// <summary>The collection of the classes that share it.</summary>
    public const string Shared = "packages";

    /// <summary>A version that no other source has.</summary>
    public const string Version = "1.0.0-test";

    internal static readonly string[] Libraries = ["Retort.Tensors", "Retort.Runtime", "Retort"];
    readonly string _root = Directory.CreateTempSubdirectory("retort-packages-").FullName;

    public Feed()
    {
        var projects = string.Join(';', Libraries.Select(library => Repository.At($"src/{library}/{library}.csproj")));
        var pack = Path.Combine(_root, "pack.proj");
        var properties = "NoBuild=true;"
            + $"Configuration={Configuration};PackageVersion={Version};PackageOutputPath={Folder}";
        File.WriteAllText(pack, $"""
            <Project>
              <Target Name="Pack">
                <MSBuild Projects="{projects}" Targets="Pack" BuildInParallel="true" Properties="{properties}" />
              </Target>
            </Project>
            """);
        Dotnet.Run(_root, "msbuild", pack, "-t:Pack", "-nologo", "-v:quiet", "-m");
    }

    /// <summary>Where the packages are.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>As the tests were built.</summary>
    internal static string Configuration =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
            .StartsWith("debug", StringComparison.Ordinal)
            ? "Debug" : "Release";

    /// <summary>
    /// An empty folder for a project that finds the packages here. What it unpacks of them stays here too; everything
    /// else is taken from where NuGet has it already.
    /// </summary>
    internal string Project(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        Prepare(folder, Path.Combine(_root, "unpacked"), Folder);
        return folder;
    }

    /// <summary>
    /// Makes projects in a folder and below it take known packages from where NuGet has them, and unpack others here.
    /// </summary>
    internal static void Prepare(string folder, string unpacked, string? source = null)
    {
        var known = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(torch).Assembly.Location)!, "..", "..", "..", ".."));
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup>
                <RestoreAdditionalProjectSources>{source}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{unpacked}</RestorePackagesPath>
                <RestoreFallbackFolders>{known}</RestoreFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
                <UseSharedCompilation>false</UseSharedCompilation>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
            </Project>
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
