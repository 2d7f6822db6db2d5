using System.Text.Json.Nodes;
using Retort.Models;
using Retort.Runs;
using Retort.Teachers;
using Retort.Tensors.Files;
using Retort.Tests.Contract;
using Retort.Tests.House;
using TorchSharp;
using static TorchSharp.torch;

namespace Retort.Tests.Teachers;

/// <summary>A LeNet that PyTorch trained on MNIST, asked here about the first eight test pictures.</summary>
public sealed class WeightsTeacherTests
{
    static readonly JsonNode Reference = JsonNode.Parse(File.ReadAllText(At("reference.json")))!;
    static readonly Normalization Own = new(255, [0.1307], [0.3081]);

    [Theory]
    [InlineData("lenet.pth", 1e-4)]
    [InlineData("lenet_legacy.pth", 1e-4)]
    [InlineData("lenet_half.pth", 5e-3)]
    public void Outputs_are_those_of_PyTorch(string file, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var teacher = Teacher(At(file)).Open(Info(Own), CPU);
        Near(tolerance, teacher.Forward(Eight(Own), Output.Logits).Logits);
    }

    [Fact] // the data is normalised by its own figures, or not at all but for the bytes; the teacher by its own
    public void Its_normalization_is_its_own()
    {
        using var scope = NewDisposeScope();
        foreach (var given in (Normalization[])[new(255, [0.2], [0.5]), new(1, [0], [255]), new(255, [0], [1])])
        {
            using var teacher = (Teacher(At("lenet.pth")) with { Normalization = Own }).Open(Info(given), CPU);
            Near(1e-4, teacher.Forward(Eight(given), Output.Logits).Logits);
        }
    }

    const string WayOut = "The file is of another architecture, or of data with other images or classes; exported as "
        + "ONNX or TorchScript, any network is a teacher (\"onnx\", \"torchscript\").";

    [Theory]
    [InlineData(
        """{ "name": "lenet" }""",
        "unknown to the network: bn1.bias, bn1.num_batches_tracked, bn1.running_mean, bn1.running_var, bn1.weight.")]
    [InlineData(
        """{ "name": "convnet", "widths": [4] }""",
        "missing: blocks.0.conv.weight, blocks.0.norm.bias, blocks.0.norm.running_mean, blocks.0.norm.running_var, "
        + "blocks.0.norm.weight and 2 more; unknown to the network: bn1.bias, bn1.num_batches_tracked, "
        + "bn1.running_mean, bn1.running_var, bn1.weight and 10 more.")]
    public void Another_networks_weights_are_refused_with_what_differs(string network, string rest)
    {
        var teacher = Teacher(At("lenet.pth")) with { Network = Models.Golden.Options(network) };
        var error = Assert.Throws<InvalidDataException>(() => teacher.Open(Info(Own), CPU));
        Assert.Equal($"{At("lenet.pth")} does not fit the network: {rest} {WayOut}", error.Message);
    }

    [Fact]
    public void Another_number_of_classes_or_another_picture_is_a_shape_that_differs()
    {
        var info = Info(Own) with { Classes = ["a", "b"], Inputs = [TensorSpec.Float32("pixel_values", 3, 28, 28)] };
        Assert.Equal(
            $"{At("lenet.pth")} does not fit the network: of another shape: conv1.weight ([6, 1, 5, 5] in the file, "
            + "[6, 3, 5, 5] in the network), fc3.bias ([10] in the file, [2] in the network), fc3.weight ([10, 84] in "
            + $"the file, [2, 84] in the network). {WayOut}",
            Assert.Throws<InvalidDataException>(() => Teacher(At("lenet.pth")).Open(info, CPU)).Message);
    }

    [Fact]
    public void A_graph_is_sent_to_the_teacher_that_reads_it()
    {
        var path = Repository.At("tests/Golden/Teachers/tiny.onnx");
        Assert.Equal(
            $"{path} is an ONNX graph, which the teacher \"onnx\" reads; the teacher \"checkpoint\" reads files of "
            + "weights (.pth, .safetensors, .h5).",
            Assert.Throws<InvalidDataException>(() => Teacher(path).Open(Info(Own), CPU)).Message);
    }

    [Fact]
    public void A_network_folder_supplies_its_normalization_and_must_have_the_same_classes()
    {
        var folder = Folder(Info(new(255, [0.5], [0.25])));
        using (var teacher = Teacher(folder).Open(Info(new(255, [0], [1])), CPU))
        using (var plain = Teacher(Path.Combine(folder, "model.safetensors")).Open(Info(null), CPU))
        using (NewDisposeScope())
        {
            // (0.75 - 0.5) / 0.25 = 1
            var (seen, alike) = (Batch(full([1, 1, 28, 28], 0.75f)), Batch(full([1, 1, 28, 28], 1f)));
            Assert.True(
                teacher.Forward(seen, Output.Logits).Logits.allclose(plain.Forward(alike, Output.Logits).Logits));
        }
        var others = Info(null) with { Classes = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] };
        Assert.Equal(
            $"{folder} was trained on the classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; the recipe's data has a, b, c, d, e, "
            + "f, g, h, i, j.",
            Assert.Throws<InvalidDataException>(() => Teacher(folder).Open(others, CPU)).Message);
    }

    [Fact] // the data has x' = (x - 10) / 2 and (y - 20) / 4; the teacher learned from x and y as they are
    public void Features_too_come_to_it_as_it_was_trained()
    {
        using var scope = NewDisposeScope();
        var info = Models.Golden.Info([2], 3, "features", new(1, [10, 20], [2, 4]));
        var (options, path) = (new MlpOptions { Hidden = [4] }, Path.Combine(Few.Folder(), "t.safetensors"));
        using var network = ModuleFactory.Create(() => options.Build(info));
        SafeTensors.Write(path, network.state_dict());
        using var teacher = new CheckpointTeacherOptions
        {
            Network = options,
            Path = path,
            Normalization = new(1, [0, 0], [1, 1]),
        }.Open(info, CPU);
        var raw = tensor(new float[,] { { 12, 16 }, { 9, 22 } });
        var normal = tensor(new float[,] { { 1, -1 }, { -0.5f, 0.5f } });
        var batch = new Batch
        {
            Inputs = new(("features", normal)),
            Labels = zeros(2, dtype: ScalarType.Int64),
            Labelled = 2,
            Ids = [0, 1],
        };
        var answer = teacher.Forward(batch, Output.Logits);
        Assert.True(answer.Logits.allclose(network.Forward(new(("features", raw)), Output.Logits).Logits));
    }

    [Fact]
    public void A_folders_classes_are_checked_also_where_the_recipe_gives_the_normalization()
    {
        var teacher = Teacher(Folder(Info(null))) with { Normalization = Own };
        var others = Info(Own) with { Classes = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] };
        Assert.Contains(
            "was trained on the classes 0, 1,",
            Assert.Throws<InvalidDataException>(() => teacher.Open(others, CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_depends_on_the_normalization_wherever_it_is_stated()
    {
        string Hash(CheckpointTeacherOptions options)
        {
            using var teacher = options.Open(Info(Own), CPU);
            return teacher.Fingerprint();
        }
        var one = Hash(Teacher(Folder(Info(new(255, [0.5], [0.25])))));
        var other = Hash(Teacher(Folder(Info(new(255, [0.4], [0.25])))));
        Assert.NotEqual(one, other);
        Assert.Equal(
            one, Hash(Teacher(Folder(Info(new(255, [0.4], [0.25])))) with { Normalization = new(255, [0.5], [0.25]) }));
        Assert.NotEqual(one, Hash(Teacher(At("lenet.pth"))));
    }

    [Theory]
    [InlineData("classes")]
    [InlineData("inputs")]
    [InlineData("mean")]
    public void A_null_in_config_json_is_refused_in_one_sentence(string what)
    {
        var folder = Folder(Info(new(255, [0.5], [0.25])));
        var config = Path.Combine(folder, "config.json");
        var card = JsonNode.Parse(File.ReadAllText(config))!;
        if (what == "mean") card["data"]!["inputs"]![0]!["normalization"]!["mean"] = null;
        else card["data"]![what] = null;
        File.WriteAllText(config, card.ToJsonString());
        Assert.StartsWith(
            $"{config} does not describe a network: ",
            Assert.Throws<InvalidDataException>(() => Teacher(folder).Open(Info(Own), CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var folder = Few.Folder();
        Assert.Equal($"{folder} has no model.safetensors: a network's folder holds its weights under that name.",
            Assert.Throws<InvalidDataException>(() => Teacher(folder).Open(Info(Own), CPU)).Message);
        var file = Path.Combine(folder, "x.pth");
        Assert.Equal(
            $"{file}: there is no such file.",
            Assert.Throws<InvalidDataException>(() => Teacher(file).Open(Info(Own), CPU)).Message);
    }

    static string Folder(DatasetInfo info)
    {
        var folder = Few.Folder();
        using var scope = NewDisposeScope();
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), PthFile.Read(At("lenet.pth")));
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["part"] = "teacher",
            ["data"] = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(info, Json.Line)),
        }.ToJsonString());
        return folder;
    }

    static void Near(double tolerance, Tensor logits)
    {
        var expected = Reference["logits_of_first_8_test_images"]!.AsArray()
            .SelectMany(row => row!.AsArray().Select(value => (double)value!))
            .ToArray();
        var found = logits.ToFloatArray();
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    }

    static CheckpointTeacherOptions Teacher(string path) =>
        new() { Network = new LeNetOptions { BatchNorm = true }, Path = path };

    static DatasetInfo Info(Normalization? normalization) =>
        Models.Golden.Info([1, 28, 28], 10, normalization: normalization) with
        {
            Classes = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")],
        };

    static Batch Eight(Normalization by)
    {
        var bytes = File.ReadAllBytes(At("mnist-8.bytes"));
        var numbers = bytes.Select(one => (float)((one / by.Scale - by.Mean[0]) / by.StandardDeviation[0])).ToArray();
        return Batch(numbers.ToTensor(8, 1, 28, 28));
    }

    static Batch Batch(Tensor pixels) => new()
    {
        Inputs = new(("pixel_values", pixels)),
        Labels = zeros([pixels.shape[0]], dtype: ScalarType.Int64),
        Labelled = (int)pixels.shape[0],
        Ids = [.. Enumerable.Range(0, (int)pixels.shape[0])],
    };

    static string At(string file) => Repository.At("tests/Golden/Interop/" + file);
}
