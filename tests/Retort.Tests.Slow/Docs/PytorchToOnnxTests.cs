using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Retort.Data;
using Retort.Export;
using Retort.Methods;
using Retort.Models;
using Retort.Recipes;
using Retort.Report;
using Retort.Runtime;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.Data;
using Retort.Tests.House;
using Retort.Tests.Packages;
using Retort.Tests.Recipes;
using SkiaSharp;

namespace Retort.Tests.Docs;

/// <summary>
/// The recipes, commands and program of docs/pytorch-to-onnx.md. A LeNet that is trained here takes the place of the
/// one from PyTorch; the Python of the page runs where Python has PyTorch.
/// </summary>
[Collection(Feed.Shared)]
public sealed class PytorchToOnnxTests(Feed feed)
{
    const string Page = "docs/pytorch-to-onnx.md";
    static readonly Dictionary<string, string> s_files = PageBlocks.Files(Page);

    // one epoch of fewer images instead of the page's, for time
    static readonly string[] Short = ["--seeds", "1", "--set", "training.epochs=1", "--set", "data.maxExamples=2000"];

    [Fact]
    public void A_graph_and_a_file_of_weights_teach_a_student_that_a_program_runs()
    {
        var checkout = Few.Folder();
        Directory.CreateSymbolicLink(Path.Combine(checkout, "data"), Repository.At("data"));
        var expected = MakeTeacher(checkout);
        File.WriteAllText(Path.Combine(checkout, "distil.json"), s_files["distil.json"]);
        File.WriteAllText(Path.Combine(checkout, "weights.json"), WithTeacher(s_files["teacher.jsonc"]));

        Run(checkout, "run", "weights.json");
        foreach (var command in PageBlocks.Commands(Page, "./retort")) Run(checkout, PageBlocks.Words(command)[1..]);
        foreach (var run in (string[])["check", "distil", "weights"])
            Assert.Equal(
                expected, Reports.Read(Path.Combine(checkout, "runs", run)).Teacher!.Scores["accuracy"].Mean, 1e-12);

        var image = DataFiles.Picture(28, 28, SKColors.White, grey: true);
        Assert.Equal(Predict(Path.Combine(checkout, "student"), image) + "\n", RunProgram(checkout, image));
    }

    [Fact]
    public void A_network_of_PyTorch_is_exported_by_the_lines_of_the_page()
    {
        Assert.SkipUnless(HasPyTorch(), "python3 with torch is not there: the Python of the page was not run.");
        var folder = Few.Folder();
        const string model = """
            import torch
            model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
            torch.save(model.state_dict(), "weights.pth")

            """;
        File.WriteAllText(Path.Combine(folder, "export.py"), model + s_files["export.py"]);
        Dotnet.Start("python3", folder, "export.py");
        using var scope = torch.NewDisposeScope();
        var info = new DatasetInfo
        {
            Classes = [.. Enumerable.Range(0, 10).Select(k => $"{k}")], Inputs = [TensorSpec.PixelValues(1, 28, 28)],
        };
        using var teacher = new OnnxTeacherOptions { Path = Path.Combine(folder, "teacher.onnx") }
            .Open(info, torch.CPU);
        var weights = PthFile.Read(Path.Combine(folder, "weights.pth"));
        var pixels = torch.rand(3, 1, 28, 28);
        var batch = new Batch
        {
            Inputs = new((InputNames.PixelValues, pixels)),
            Labels = torch.zeros(3, dtype: torch.ScalarType.Int64),
            Labelled = 3,
            Ids = [0, 1, 2],
        };
        var expected = pixels.flatten(1).Linear(weights["1.weight"], weights["1.bias"]);
        Assert.Equal(
            expected.ToFloatArray(), teacher.Forward(batch, Output.Logits).Logits.ToFloatArray(),
            (one, other) => Math.Abs(one - other) < 1e-4);
    }

    // a LeNet on inputs that are normalized as the page says, as a graph and as a file of weights; its test accuracy
    static double MakeTeacher(string checkout)
    {
        var recipe = new Recipe
        {
            Name = "lenet",
            Data = new IdxOptions
            {
                Path = Repository.At("data/fashion-mnist-12k"), Normalization = new(255, [0.2860], [0.3530]),
            },
            Student = new LeNetOptions(),
            Method = new LabelsOnlyOptions(),
            Training = new() { Epochs = 1 },
            Seeds = 1,
        };
        var run = Experiment.Run(recipe, new() { Folder = Path.Combine(checkout, "lenet") });
        var weights = Path.Combine(run, "networks", "student-seed1", "model.safetensors");
        File.Copy(weights, Path.Combine(checkout, "teacher.pth"));           // the content decides, not the name

        var info = new DatasetInfo
        {
            Classes = recipe.Source.Open().Info.Classes, Inputs = [TensorSpec.PixelValues(1, 28, 28)],
        };
        using var scope = torch.NewDisposeScope();
        using var network = ModuleFactory.Create(() => recipe.Student.Build(info));
        WeightsFile.LoadStateDict(network.state_dict(), SafeTensors.Read(weights), weights);
        File.WriteAllBytes(Path.Combine(checkout, "teacher.onnx"), OnnxExporter.Export(network, info));
        return Reports.Read(run).Student.Scores["accuracy"].Mean;
    }

    // the page's recipe with another teacher
    static string WithTeacher(string teacher)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip };
        var recipe = JsonNode.Parse(s_files["distil.json"], documentOptions: options)!.AsObject();
        recipe["teacher"] = JsonNode.Parse($"{{{teacher}}}")!["teacher"]!.DeepClone();
        return recipe.ToJsonString();
    }

    // with the project that the page links, as a console program
    string RunProgram(string checkout, byte[] image)
    {
        var folder = feed.Project($"console-{Guid.NewGuid():N}");
        var project = PageBlocks.Files("docs/images-to-service.md")["photo-service.csproj"]
            .Replace("Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk", StringComparison.Ordinal)
            .Replace("<PropertyGroup>", "<PropertyGroup><OutputType>Exe</OutputType>", StringComparison.Ordinal);
        project = Regex.Replace(project, "(\"Retort.Runtime\" Version=)\"[^\"]+\"", $"$1\"{Feed.Version}\"");
        File.WriteAllText(Path.Combine(folder, "console.csproj"), project);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), s_files["Program.cs"]);
        Dotnet.Run(folder, "build", "-v", "quiet", "-o", "built");
        File.WriteAllBytes(Path.Combine(checkout, "photo.png"), image);
        return Dotnet.Run(checkout, Path.Combine(folder, "built", "console.dll"));
    }

    static string Predict(string folder, byte[] image)
    {
        using var student = Student.Open(folder);
        var pixels = new float[student.ImageSize.Count];
        ImageLoader.Read(image, "image", student.ImageSize, pixels);
        return student.Predict(pixels).Name;
    }

    static void Run(string checkout, params string[] words)
    {
        var isWhole = words[0] == "run" && !words.Contains("--seeds");
        Dotnet.Start(TestRuns.Program, checkout, [.. words, .. isWhole ? Short : []]);
    }

    static bool HasPyTorch()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", "import torch, onnx"])
            {
                RedirectStandardError = true,
            })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)                         // there is no python3
        {
            return false;
        }
    }
}
