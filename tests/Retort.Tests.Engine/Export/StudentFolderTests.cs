using Retort.Report;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Export;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime;
using Retort.Runtime.Metrics;
using Retort.Tests.Contract;
using Retort.Tests.Recipes;
using Retort.Training;

namespace Retort.Tests.Export;

/// <summary>Students of a small run as folders.</summary>
public sealed class StudentFolderTests : IClassFixture<StudentFolderTests.OneRun>
{
    static readonly string[] Students = ["student-seed1", "student-seed2"];
    readonly OneRun _one;

    public StudentFolderTests(OneRun one) => _one = one;

    /// <summary>A run that is trained once: two pairs of small convolutional networks.</summary>
    public sealed class OneRun
    {
        static readonly Lazy<string> s_path = new(Train);

        public string Path { get; } = s_path.Value;

        static string Train()
        {
            Recipe recipe = TestRuns.Recipe(seeds: 2, threads: 1) with
            {
                Student = new Retort.Models.ConvNetOptions { Widths = [4, 8], Norm = Retort.Models.ConvNetNorm.Batch },
                Training = new() { Epochs = 3, BatchSize = 16 },
            };
            return Experiment.Run(recipe, new() { Folder = TestRuns.Folder(), Cores = 1 });
        }
    }

    internal static string Target() => System.IO.Path.Combine(Few.Folder(), "student");

    [Fact]
    public void A_folder_holds_graph_weights_labels_card_and_recipe_and_the_hash_of_each()
    {
        var target = Target();
        var exported = StudentFolder.Write(
            _one.Path, new() { Network = "student-seed2", Folder = target, IncludeInt8 = true, IncludeFloat16 = true });
        string[] files =
        [
            "README.md", "labels.txt", "model.float16.onnx", "model.int8.onnx", "model.onnx", "model.safetensors",
            "recipe.json",
        ];
        Assert.Equal(
            files.Append("config.json").Order(StringComparer.Ordinal),
            Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
        var config = TestRuns.Json(Path.Combine(target, "config.json"));
        Assert.Equal("retort-student/2", (string?)config["format"]);
        Assert.Equal(files, config["files"]!.AsObject().Select(pair => pair.Key));
        Assert.All(config["files"]!.AsObject(), pair => Assert.Equal((string?)pair.Value,
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(target, pair.Key))))));
        Assert.Equal("pixel_values float32 [1, 28, 28]", Spec(config["inputs"]!.AsArray().Single()!));
        Assert.Equal("logits float32 [4]", Spec(config["outputs"]!.AsArray().Single()!));
        Assert.Equal(("classification", "accuracy"), ((string?)config["task"]!["name"], (string?)config["score"]));
        Assert.Equal(
            TestRuns.Card(_one.Path, "student-seed2").Data.Classes,
            config["classes"]!.AsArray().Select(label => (string)label!));
        Assert.Equal(
            TestRuns.Card(_one.Path, "student-seed2").Data.Classes, File.ReadLines(Path.Combine(target, "labels.txt")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(_one.Path, "networks", "student-seed2", "model.safetensors")),
            File.ReadAllBytes(Path.Combine(target, "model.safetensors")));
        Assert.Equal(Recipe.Read(Path.Combine(_one.Path, "recipe.json")).Hash, (string?)config["recipeHash"]);
        var card = File.ReadAllText(Path.Combine(target, "README.md"));
        Assert.Contains(
            "\n\n## How images are prepared\n\n`ImageLoader` of ", card, StringComparison.Ordinal);
        Assert.All(
            exported.Variants,
            variant => Assert.Contains($"| {variant.Name} | `{variant.File}` |", card, StringComparison.Ordinal));
        Assert.All(exported.Variants.Skip(1), variant => Assert.Contains(
            variant.CompareTo(exported.Variants[0], exported.Score), card, StringComparison.Ordinal));
        using var same = SavedNetwork.Open(target);                         // it is a network's folder, too
        Assert.Equal("student-seed2", same.Config.Part);
    }

    [Fact]
    public void The_student_is_the_best_on_validation_unless_another_is_named()
    {
        var predictions = Students.ToDictionary(name => name, name => PredictionsFile.Read(
            Path.Combine(_one.Path, "networks", name, "predictions.safetensors"), "validation"));
        var best = Students
            .OrderByDescending(name => Accuracy.Of(predictions[name].Values, predictions[name].Labels))
            .ThenBy(name => Likelihood.Nll(predictions[name].Values, predictions[name].Labels)).First();
        Assert.Equal(best, StudentFolder.Write(_one.Path, new() { Folder = Target() }).Network);
        Assert.Equal(
            "teacher", StudentFolder.Write(_one.Path, new() { Folder = Target(), Network = "teacher" }).Network);
    }

    [Fact] // logits to 1e-4, integers and halves nearly the same answers; weights of one byte and of two
    public void Every_graph_has_nearly_the_test_predictions_of_the_network()
    {
        var target = Target();
        var exported = StudentFolder.Write(
            _one.Path, new() { Network = "student-seed1", Folder = target, IncludeInt8 = true, IncludeFloat16 = true });
        Assert.InRange(exported.WorstError, 0, 1e-4);
        Assert.Equal(128, exported.Inputs); // all that there are: 64 examples of training, 32 of validation and of test
        Assert.Equal(["float32", "int8", "float16"], exported.Variants.Select(variant => variant.Name));
        var known = PredictionsFile.Read(
            Path.Combine(_one.Path, "networks", "student-seed1", "predictions.safetensors"), "test");
        Assert.Equal(Accuracy.Of(known.Values, known.Labels), exported.Variants[0].Score, 1e-12);
        Assert.All(exported.Variants, variant => Assert.InRange(variant.Agreement!.Value, 0.85, 1));
        Assert.All(exported.Variants, variant => Assert.True(variant.Microseconds > 0));
    }

    [Theory] // the reader's normalization undone in float64, and done again by the graph
    [InlineData(
        """{ "name": "convnet", "widths": [4, 8] }""",
        "data.pixels={ \"height\": 8, \"width\": 8, \"scale\": 16 }",
        "pixel_values float [batch, 1, 8, 8]")]
    [InlineData("""{ "name": "mlp", "hidden": [8] }""", "data.pixels=null", "features float [batch, 64]")]
    public void Pictures_go_in_from_0_to_1_and_features_as_in_the_table(string network, string setting, string input)
    {
        using var scope = torch.NewDisposeScope();
        var data =
            Recipe.Read(House.Repository.At("recipes/kd/digits-kd.json"), setting, "data.augmentation=[]")
                .Source.Open();
        using var filled = OnnxExporterTests.Filled(network, data.Info);
        var file = OnnxComparison.File(OnnxExporter.Model(filled, data.Info, Output.Logits));
        using (var onnx = new OnnxModel(file)) Assert.Equal(input, Assert.Single(onnx.Inputs).ToString());
        var (worst, count) = ExportCheck.Compare(file, filled, data, Output.Logits);
        Assert.Equal(256, count);
        Assert.InRange(worst, 0, 2e-5);
        using var asked = new ExportedGraph(file, null, data.Info);
        var raw = asked.Run(data.Test, [0, 1, 2])
            .Inputs[0].Values<float>()
            .ToArray()
            .Select(number => (double)number * (input[0] == 'p' ? 16 : 1))
            .ToArray();
        // greys of the table: whole numbers from 0 to 16
        Assert.All(raw, number => Assert.Equal(Math.Round(number), number, 1e-4));
        Assert.Equal((0, 16), (Math.Round(raw.Min()), Math.Round(raw.Max())));
    }

    // (x - 4.884) / 6 over greys from 0 to 16 is (x / 16 - 4.884 / 16) / (6 / 16): the pixels
    // that go in are from 0 to 1
    [Fact]
    public void A_normalization_of_the_files_own_numbers_becomes_one_of_pixels()
    {
        using var scope = torch.NewDisposeScope();
        var data = Recipe.Read(
            House.Repository.At("recipes/kd/digits-kd.json"),
            "data.pixels={ \"height\": 8, \"width\": 8, \"scale\": 16 }",
            "data.normalization={ \"scale\": 1, \"mean\": [4.884], \"standardDeviation\": [6] }",
            "data.augmentation=[]").Source.Open();
        var own = data.Info.Normalization!;
        Assert.Equal((16, 4.884 / 16, 6 / 16.0), (own.Scale, own.Mean[0], own.StandardDeviation[0]));
        using var filled = OnnxExporterTests.Filled("""{ "name": "convnet", "widths": [4, 8] }""", data.Info);
        var file = OnnxComparison.File(OnnxExporter.Model(filled, data.Info, Output.Logits));
        using var asked = new ExportedGraph(file, null, data.Info);
        var pixels = asked.Run(data.Test, [0, 1, 2]).Inputs[0].Values<float>().ToArray();
        Assert.Equal(0, pixels.Min(), 1e-6f);
        Assert.Equal(1, pixels.Max(), 1e-6f);
        Assert.All(
            asked.Batch.Float32("pixel_values", [1, 8, 8]).ToArray().Zip(pixels),
            pair => Assert.Equal((16 * pair.Second - 4.884) / 6, pair.First, 1e-5));
    }

    // the temperature of the lowest NLL on validation; divided by it the logits answer the same with other confidence
    [Fact]
    public void Temperature_scaling_stands_inside_the_graph()
    {
        var (plain, scaled) = (Target(), Target());
        StudentFolder.Write(_one.Path, new() { Network = "student-seed1", Folder = plain });
        var exported = StudentFolder.Write(
            _one.Path,
            new() { Network = "student-seed1", Folder = scaled, ScalesTemperature = true, IncludeInt8 = true });
        var answers = PredictionsFile.Read(
            Path.Combine(_one.Path, "networks", "student-seed1", "predictions.safetensors"), "validation");
        Assert.Equal(TemperatureScaling.Fit(answers.Values, answers.Labels), exported.Temperature);
        Assert.Equal(exported.Temperature, (double?)TestRuns.Json(Path.Combine(scaled, "config.json"))["temperature"]);
        Assert.Null(TestRuns.Json(Path.Combine(plain, "config.json"))["temperature"]);
        var pixels = torch.full([2, 1, 28, 28], 0.4f);
        var raw = OnnxComparison.Answer(Path.Combine(plain, "model.onnx"), pixels);
        var divided = OnnxComparison.Answer(Path.Combine(scaled, "model.onnx"), pixels);
        for (var i = 0; i < raw.Length; i++)
            Assert.Equal(raw[i] / exported.Temperature!.Value, divided[i], tolerance: 1e-4);
        Assert.Contains(
            "divided inside the graph by the temperature",
            File.ReadAllText(Path.Combine(scaled, "README.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_prints_figures_and_folder_and_json_alone()
    {
        var target = Target();
        var (code, output, error) = await Cli.ToolTests.Call(
            "export", _one.Path, "--seed", "1", "--out", target, "--int8");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(
            @"^graph    file             bytes  accuracy, %  agreement, %  one example, µs\n"
            + @"float32  model\.onnx .*\nint8     model\.int8\.onnx .*\nint8 is .* float32\.\n"
            + @"student-seed1 matches the trained network: their outputs for 128 examples differ .*\n",
            output);
        Assert.EndsWith($"\n{target}\n", output, StringComparison.Ordinal);
        var json = JsonNode.Parse((await Cli.ToolTests.Call(
            "export", _one.Path, "--network", "control-seed1", "--out", Target(), "--json")).Output)!;
        Assert.Equal(("control-seed1", 1), ((string?)json["network"], json["variants"]!.AsArray().Count));
        Assert.Equal("retort export: --seed and --network both name the network: use one of them.\n",
            (await Cli.ToolTests.Call("export", _one.Path, "--network", "teacher", "--seed", "1")).Error);
    }

    [Theory]
    [InlineData(
        0.98, 100, 10, 0.98, 400, 20,
        "int8 is 4.0 times smaller and 2.0 times faster, with the same accuracy as float32.")]
    [InlineData(
        0.975, 98, 30, 0.98, 100, 20,
        "int8 is as large and 1.5 times slower, with accuracy 0.50 points lower than float32.")]
    [InlineData(
        0.99, 220, 20, 0.98, 100, 20,
        "int8 is 2.2 times larger and as fast, with accuracy 1.00 points higher than float32.")]
    public void A_smaller_graph_is_compared_in_a_sentence(
        double accuracy, long bytes, double time, double fullAccuracy, long fullBytes, double fullTime,
        string sentence) =>
        Assert.Equal(sentence, new Variant("int8", "", bytes, accuracy, 1, time).CompareTo(
            new("float32", "", fullBytes, fullAccuracy, 1, fullTime), new("accuracy", "accuracy", ScoreUnit.Percent)));

    static string Spec(JsonNode spec) =>
        $"{spec["name"]} {spec["type"]} [{string.Join(", ", spec["axes"]!.AsArray().Select(axis => axis!["size"]))}]";
}
