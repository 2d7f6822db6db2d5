using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Tests.Contract;

namespace Retort.Tests.Runtime;

/// <summary>Student folders small enough to compute their outputs by hand.</summary>
static class StudentFolders
{
    /// <summary>
    /// dark = 2 - Σ pixels, bright = Σ pixels - 2 over 1 × 2 × 2: white pixels give -2 and 2, and bright has the
    /// probability 1 / (1 + e⁻⁴) = .9820.
    /// </summary>
    public static TinyGraph Bright =>
        new("pixel_values", [1, 2, 2], new float[,] { { -1, 1 }, { -1, 1 }, { -1, 1 }, { -1, 1 } }, [2, -2])
        {
            Metadata = { ["retort.classes"] = """["dark","bright"]""" },
        };

    /// <summary>a = x, b = y, c = 0.</summary>
    public static TinyGraph Larger => new("features", [2], new float[,] { { 1, 0, 0 }, { 0, 1, 0 } }, [0, 0, 0]);

    public static string OfBright(double scale = 255) => Write(Bright, ["dark", "bright"], scale);

    public static string OfLarger() => Write(Larger, ["a", "b", "c"], 1);

    /// <summary>Writes a folder like the exporter's, as far as a deployed student reads it.</summary>
    public static string Write(TinyGraph graph, string[] classes, double scale)
    {
        var folder = Few.Folder();
        Write(folder, graph.Bytes(), new JsonObject
        {
            ["classes"] = JsonSerializer.SerializeToNode(classes),
            ["task"] = new JsonObject { ["name"] = "classification" },
            ["inputs"] = new JsonArray(Spec(graph.Input, graph.Shape, new JsonObject
            {
                ["scale"] = scale,
                ["mean"] = new JsonArray(0.5),
                ["standardDeviation"] = new JsonArray(0.25),
            })),
            ["outputs"] = new JsonArray(Spec("logits", [classes.Length], null)),
        });
        return folder;
    }

    static JsonObject Spec(string name, long[] shape, JsonObject? normalization) => new()
    {
        ["name"] = name,
        ["type"] = "float32",
        ["axes"] = new JsonArray([.. shape.Select(size => new JsonObject { ["name"] = "axis", ["size"] = size })]),
        ["normalization"] = normalization,
    };

    /// <summary>Writes a folder with any model and config. The format and the model's hash are added.</summary>
    public static void Write(string folder, byte[] model, JsonObject config)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        config["format"] = "retort-student/2";
        config["files"] = new JsonObject { ["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(model)) };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
    }

    /// <summary>Replaces text in a folder's <c>config.json</c>.</summary>
    public static string Edited(string folder, string from, string to)
    {
        var path = Path.Combine(folder, "config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        return folder;
    }
}
