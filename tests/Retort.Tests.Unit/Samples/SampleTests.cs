using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
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
        using var refused = await client.PostAsync("predict", new ByteArrayContent([1, 2, 3]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(
            "the image is no PNG, JPEG, WebP or BMP image",
            await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        if (OperatingSystem.IsLinux()) Assert.DoesNotContain(
            "torch", File.ReadAllText($"/proc/{program.Id}/maps"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_server_explains_what_is_wrong_with_a_folder()
    {
        using var program = new Started(Started.Sample("Sample.Serve"), "--student", "nothing-here");
        Assert.Equal((1, "nothing-here: there is no such folder.\n"), program.End());
    }

    [Fact] // 2,001 × 2,000 pixels
    public async Task The_server_decodes_no_picture_that_takes_much_memory()
    {
        using var program = new Started(
            Started.Sample("Sample.Serve"), "--student", StudentFolders.OfBright(), "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = new(program.After("Now listening on: ")) };
        using var refused = await client.PostAsync(
            "predict", new ByteArrayContent(DataFiles.Picture(2001, 2000, SKColors.White)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(
            "4000000 pixels at most are decoded", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
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
    public void A_sample_is_shorter_than_40_lines()
    {
        foreach (var sample in (string[])["predict", "serve"])
            Assert.InRange(File.ReadLines(Repository.At($"samples/{sample}/Program.cs")).Count(), 1, 39);
    }

    static string Pictured()
    {
        var path = Path.Combine(Contract.Few.Folder(), "white.png");
        File.WriteAllBytes(path, DataFiles.Picture(5, 7, SKColors.White));
        return path;
    }
}
