using System.Text.Json.Nodes;
using Retort.Cli;
using Retort.Tensors.Native;

namespace Retort.Tests.Cli;

/// <summary><c>retort doctor</c> where training works; NativeLoaderTests has the other cases.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task It_prints_versions_files_and_processor_and_whether_training_works()
    {
        var (code, output) = await Call("doctor");
        Assert.Equal(0, code);
        string[] words =
        [
            "retort ", "dotnet ", "torchsharp ", "libtorch ", "system ", "processor ", "memory ", "cache: data ",
            "RETORT_DATA", "libsndfile ",
        ];
        foreach (var word in words) Assert.Contains(word, output, StringComparison.Ordinal);
        foreach (var file in NativeLoader.Files)
            Assert.Contains($"{file.Path} ({file.Origin})", output, StringComparison.Ordinal);
        Assert.Matches(@"\ntraining +works here\n$", output);
    }

    [Fact]
    public async Task With_json_it_prints_one_document()
    {
        var (code, output) = await Call("doctor", "--json");
        var found = JsonNode.Parse(output)!;
        var here = found["installation"]!;
        Assert.Equal(0, code);
        Assert.Null(here["trouble"]);
        Assert.Equal("2.10.0", (string?)here["versions"]!["libtorch"]);
        Assert.True((bool)here["fusedOperators"]!);
        Assert.Equal(Environment.ProcessorCount, (int)here["processor"]!["cores"]!);
        Assert.InRange((long)here["memoryBytes"]!, 1L << 28, 1L << 50);
        Assert.Equal(["data", "native"], found["caches"]!.AsArray().Select(cache => (string?)cache!["name"]));
        Assert.All(found["optionalParts"]!.AsArray(), part => Assert.NotEmpty((string)part!["broughtBy"]!));
    }

    static async Task<(int Code, string Output)> Call(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Tool.Run(arguments, output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString().ReplaceLineEndings("\n"));
    }
}
