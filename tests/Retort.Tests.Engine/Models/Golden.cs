using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Tests.House;

namespace Retort.Tests.Models;

/// <summary>
/// What tools/golden/models.py wrote of one network, and the same network of ours with the same weights.
/// </summary>
sealed class Golden
{
    readonly JsonNode _root;

    public Golden(string name) => _root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order();

    static string Folder => Repository.At("tests/Golden/Models");

    public long[] Shape => _root["shape"].Deserialize<long[]>()!;
    public int Classes => (int)_root["classes"]!;
    public long Parameters => (long)_root["parameters"]!;
    public string[] Keys => _root["keys"].Deserialize<string[]>()!;
    public JsonNode Of(bool training) => _root[training ? "train" : "eval"]!;
    public Dictionary<string, double[]> Running => _root["running"].Deserialize<Dictionary<string, double[]>>()!;

    public string Recipe => _root["recipe"]!.ToJsonString();

    public Network Network() => Student(Recipe, Info(Shape, Classes));

    /// <summary>A student as a recipe names it.</summary>
    public static ModelOptions Options(string json)
    {
        var file = Path.Combine(Contract.Few.Folder(), "recipe.json");
        File.WriteAllText(
            file, $$"""{ "data": { "name": "toy" }, "student": {{json}}, "method": { "name": "labels" } }""");
        return Retort.Recipes.Recipe.Read(file).Student;
    }

    public static Network Student(string json, DatasetInfo info) =>
        ModuleFactory.Create(() => Options(json).Build(info));

    public static DatasetInfo Info(IReadOnlyList<long> shape, int classes, string input = "pixel_values",
        Normalization? normalization = null) => new()
    {
        Classes = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
        Inputs = [TensorSpec.Float32(input, [.. shape]) with { Normalization = normalization }],
    };

    /// <summary>The script's <c>noise</c>: numbers in [-1, 1) from the place and the number of the tensor.</summary>
    public static float[] Noise(int which, long count)
    {
        var numbers = new float[count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var h = unchecked((uint)i * 0x9E3779B1u + (uint)which * 0x85EBCA6Bu);
            h ^= h >> 15;
            h = unchecked(h * 0x2C1B3C6Du);
            h ^= h >> 12;
            numbers[i] = (float)(h / 2147483648.0 - 1);
        }
        return numbers;
    }

    /// <summary>The script's <c>fill</c>.</summary>
    public static void Fill(Network network)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var number = 0;
        foreach (var (key, tensor) in network.state_dict().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var u = Noise(number++, tensor.numel()).ToTensor(tensor.shape);
            if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
            if (tensor.dim() > 1) tensor.copy_(u.Times((float)Math.Sqrt(6.0 / (tensor.numel() / tensor.size(0)))));
            else if (key.Split('.')[^1] is "running_var" or "weight") tensor.copy_(u.Times(0.25).Add(1));
            else tensor.copy_(u.Times(0.125));
        }
    }

    /// <summary>The script's <c>measured</c>: length, and product with a fixed direction.</summary>
    public static (double Length, double Product) Measured(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var flat = tensor.detach().contiguous().flatten().to(torch.float64);
        var ruler = Noise(3000, flat.numel()).ToTensor(flat.numel()).to(torch.float64);
        return (flat.norm().ToDouble(), (flat * ruler).sum().ToDouble());
    }
}
