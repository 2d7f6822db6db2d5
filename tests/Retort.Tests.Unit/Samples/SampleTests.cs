using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tests.Data;
using Retort.Tests.House;
using Retort.Tests.Runtime;
using SkiaSharp;

namespace Retort.Tests.Samples;

/// <summary>The programs under samples/, as the build left them: what a student needs where it is deployed.</summary>
public sealed class SampleTests
{
    [Fact] // white: bright is 1 / (1 + e⁻⁴) = 98.2 % likely
    public void The_console_program_names_the_class_of_a_picture()
    {
        var picture = Pictured();
        using var program = new Started(Started.Sample("Sample.Predict"), StudentFolders.OfBright(), picture);
        Assert.Equal((0, $"{picture}: bright, 98.2 %\n"), program.End());
    }

    [Fact]
    public void The_console_program_explains_what_is_wrong_with_a_folder()
    {
        using var program = new Started(Started.Sample("Sample.Predict"), "nothing-here", "p.png");
        Assert.Equal((1, "nothing-here: there is no such folder.\n"), program.End());
    }

    [Fact]
    public async Task The_server_returns_the_class_of_an_image()
    {
        using var program = new Started(
            Started.Sample("Sample.Serve"), "--student", StudentFolders.OfBright(), "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new(program.After("Now listening on: ")) };
        Assert.Equal(["dark", "bright"], (await client.GetFromJsonAsync<string[]>("classes"))!);
        using var answer = await client.PostAsync("predict", new ByteArrayContent(File.ReadAllBytes(Pictured())));
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(
            (HttpStatusCode.OK, 1, "bright"),
            (answer.StatusCode, said.GetProperty("class").GetInt32(), said.GetProperty("name").GetString()));
        Assert.Equal(0.98201, said.GetProperty("probability").GetDouble(), tolerance: 1e-5);
        if (OperatingSystem.IsLinux()) Assert.DoesNotContain(
            "torch", File.ReadAllText($"/proc/{program.Id}/maps"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_server_explains_what_is_wrong_with_a_folder()
    {
        using var program = new Started(Started.Sample("Sample.Serve"), "--student", "nothing-here");
        Assert.Equal((1, $"{Path.GetFullPath("nothing-here")}: there is no such folder.\n"), program.End());
    }

    [Fact]
    public async Task The_server_has_a_page_whose_form_it_reads()
    {
        using var program = new Started(
            Started.Sample("Sample.Serve"), "--student", StudentFolders.OfBright(), "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new(program.After("Now listening on: ")) };
        using var page = await client.GetAsync("");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<input type=\"file\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var form = new MultipartFormDataContent
        {
            { new StringContent("any"), "note" },
            { new ByteArrayContent(File.ReadAllBytes(Pictured())), "image", "white.png" },
        };
        using var answer = await client.PostAsync("predict", form);
        var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((HttpStatusCode.OK, "bright"), (answer.StatusCode, said.GetProperty("name").GetString()));

        using var empty = new MultipartFormDataContent { { new StringContent("any"), "note" } };
        using var refused = await client.PostAsync("predict", empty);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("The form must have a file; it has none.", await refused.Content.ReadAsStringAsync());
    }

    public static TheoryData<byte[], string> BadUploads => new()
    {
        { [], "The upload is empty; it must be an image." },
        { [0xff, 0xd8, 0xff, 0xe0, 0], "The upload is damaged: its header cannot be read." },
        { [1, 2, 3], "The upload is no PNG, JPEG, WebP or BMP image (3 bytes, beginning with 010203)." },
        {
            DataFiles.Picture(5001, 5000, SKColors.White, grey: true),
            "The upload is 5001 × 5000; 25000000 pixels at most are decoded."
        },
        { new byte[10_000_001], "Request body too large. The max request body size is 10000000 bytes." },
    };

    [Theory, MemberData(nameof(BadUploads), DisableDiscoveryEnumeration = true)]
    public async Task The_server_refuses_a_bad_upload_with_one_sentence(byte[] content, string sentence)
    {
        using var program = new Started(
            Started.Sample("Sample.Serve"), "--student", StudentFolders.OfBright(), "--urls", "http://127.0.0.1:0");
        // a body that is refused by its length is not sent, as with curl
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        using var client = new HttpClient(handler) { BaseAddress = new(program.After("Now listening on: ")) };
        client.DefaultRequestHeaders.ExpectContinue = true;
        using var refused = await client.PostAsync("predict", new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(sentence, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("SkiaSharp.NativeAssets.", "reference the package SkiaSharp.NativeAssets.")]
    [InlineData("Microsoft.ML.OnnxRuntime/", "reference the package Microsoft.ML.OnnxRuntime.")]
    public void Without_a_native_library_the_error_names_the_package(string package, string sentence)
    {
        var folder = Contract.Few.Folder();
        foreach (var file in Directory.EnumerateFiles(Started.SampleFolder("Sample.Predict")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        RemoveNatives(Path.Combine(folder, "Sample.Predict.deps.json"), package);

        using var program = new Started(
            "dotnet", Path.Combine(folder, "Sample.Predict.dll"), StudentFolders.OfBright(), Pictured());
        Assert.Contains(sentence, program.End().Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sample.Predict")]
    [InlineData("Sample.Serve")]
    public void Where_a_student_is_deployed_there_is_no_libtorch(string sample)
    {
        var files = Directory.EnumerateFiles(Started.SampleFolder(sample), "*", SearchOption.AllDirectories).ToList();
        Assert.Contains(files, file => Path.GetFileName(file) == "Retort.Runtime.dll");
        Assert.DoesNotContain(
            files, file => Path.GetFileName(file).Contains("torch", StringComparison.OrdinalIgnoreCase)
                || Path.GetFileName(file) is "Retort.dll" or "Retort.Tensors.dll" or "Retort.Cli.dll");
        foreach (var file in files.Where(file => file.EndsWith(".json", StringComparison.Ordinal)))
            Assert.DoesNotContain("torch", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void All_that_Runtime_refers_to_is_free_of_the_training_stack()
    {
        var seen = new Dictionary<string, AssemblyName[]>(StringComparer.Ordinal);
        Visit(typeof(Student).Assembly.GetName());
        Assert.Contains("Microsoft.ML.OnnxRuntime", seen.Keys); // the walk gets further than the first step
        Assert.DoesNotContain(
            seen.Keys,
            name => name.Contains("torch", StringComparison.OrdinalIgnoreCase) || name is "Retort" or "Retort.Tensors");

        void Visit(AssemblyName name)
        {
            if (!seen.TryAdd(name.Name!, [])) return;
            foreach (var below in seen[name.Name!] = Assembly.Load(name).GetReferencedAssemblies()) Visit(below);
        }
    }

    [Fact]
    public void A_sample_is_short()
    {
        foreach (var (sample, most) in new[] { ("predict", 39), ("serve", 60) })
            Assert.InRange(File.ReadLines(Repository.At($"samples/{sample}/Program.cs")).Count(), 1, most);
    }

    // the host finds native libraries by this file
    static void RemoveNatives(string path, string package)
    {
        var dependencies = JsonNode.Parse(File.ReadAllText(path))!;
        foreach (var target in dependencies["targets"]!.AsObject())
            foreach (var (name, library) in target.Value!.AsObject())
                if (name.StartsWith(package, StringComparison.Ordinal)) library!.AsObject().Remove("runtimeTargets");
        File.WriteAllText(path, dependencies.ToJsonString());
    }

    static string Pictured()
    {
        var path = Path.Combine(Contract.Few.Folder(), "white.png");
        File.WriteAllBytes(path, DataFiles.Picture(5, 7, SKColors.White));
        return path;
    }
}
