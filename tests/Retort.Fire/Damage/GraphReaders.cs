using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Export;
using Retort.Runs;
using Retort.Runtime;

namespace Retort.Fire.Damage;

/// <summary>Readers of ONNX graphs and of the student's folder.</summary>
static class GraphReaders
{
    static readonly string[] Graphs = ["tiny-half.onnx", "tiny-nhwc.onnx", "tiny-numbers.onnx", "tiny-of-four.onnx"];

    const int Largest = 64;                                                // axes that this caller feeds

    /// <summary>
    /// Opened and run once, by a caller who gives it no more memory than one who only looks: what a graph takes that is
    /// run is else its own affair, as a program's is. Of what goes in and comes out one tensor may take what an array
    /// can.
    /// </summary>
    public static Reader Run(string folder) => Of("onnx", folder, 2 * (long)Array.MaxLength, path =>
    {
        using var onnx = new OnnxModel(path, null, threads: 1, limitMemory: true);
        var shapes = onnx.Inputs.Select(input => input.Shape.Select(Size).ToArray()).ToList();
        using var call = onnx.Prepare(
            shapes, [.. onnx.Outputs.Where(output => output.ElementType is not null).Select(output => output.Name)]);
        call.Run();

        static long Size(long size, int axis) => size > 0 ? Math.Min(size, Largest) : axis == 0 ? 2 : 6;
    });

    /// <summary>Looked into: layers, shapes, costs.</summary>
    public static Reader Count(string folder) => Of("onnx-inspect", folder, 300_000_000, path => Inspection.Of(path));

    static Reader Of(string name, string folder, long budget, Action<string> read)
    {
        var path = Path.Combine(folder, "x.onnx");
        return new()
        {
            Name = name, Folder = folder, Weight = 5, Budget = budget, Read = () => read(path),
            Targets = [new(path, ProtoDamage.Change,
            [
                .. Graphs.Select(graph => Samples.Golden("Teachers/" + graph)),
                File.ReadAllBytes(Path.Combine(Samples.Student, "model.onnx")),
            ])],
        };
    }

    /// <summary>The card, or the graph with the card's hash put right.</summary>
    public static Reader Student(string folder)
    {
        var (card, graph) = (Path.Combine(folder, "config.json"), Path.Combine(folder, "model.onnx"));
        var cardWhole = File.ReadAllBytes(Path.Combine(Samples.Student, "config.json"));
        var graphWhole = File.ReadAllBytes(Path.Combine(Samples.Student, "model.onnx"));
        Samples.Copy(Samples.Student, folder);
        return new()
        {
            Name = "student",
            Folder = folder,
            Weight = 5,
            Targets = [new(graph, ProtoDamage.Change, graphWhole), new(card, JsonDamage.Change, cardWhole)],
            Repair = () =>
            {
                if (!File.Exists(graph) || !File.ReadAllBytes(card).AsSpan().SequenceEqual(cardWhole)) return;
                var whole = JsonNode.Parse(cardWhole)!;
                whole["files"]!["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(graph)));
                File.WriteAllText(card, whole.ToJsonString());
            },
            Read = () =>
            {
                Retort.Runtime.Student.Verify(folder);
                using var student = Retort.Runtime.Student.Open(folder);
                student.Predict(new float[student.ImageSize.Count]);
            },
        };
    }
}
