using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Recipes;
using Retort.Runs;
using Retort.Runtime.Wire;
using Retort.Tensors.Files;

namespace Retort.Export;

/// <summary>
/// The <c>config.json</c> of a student's folder: what a program that opens the folder needs, then the network's
/// description from its run.
/// </summary>
static class StudentConfigFile
{
    /// <param name="folder">The folder with all other files.</param>
    /// <param name="network">The network's description.</param>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="model">The graph.</param>
    /// <param name="result">The graphs and their scores.</param>
    public static JsonObject Describe(
        string folder, NetworkConfig network, Recipe recipe, ModelProto model, ExportResult result)
    {
        var task = network.Task ?? Recipe.Write(Recipe.TaskOf(network.Data));
        var config = new JsonObject
        {
            ["format"] = Runtime.StudentConfig.Format,
            ["version"] = OnnxExporter.Version,
            ["task"] = task.DeepClone(),
            ["classes"] = Node(network.Data.Classes),
            ["inputs"] = Node(network.Data.Inputs),
            ["outputs"] = Node(Outputs(model)),
            ["recipeHash"] = recipe.Hash,
            ["temperature"] = result.Temperature,
            ["check"] = new JsonObject { ["inputs"] = result.Inputs, ["worstError"] = result.WorstError },
            ["score"] = result.Score.Name,
            ["variants"] = Node(result.Variants),
            ["files"] = Hashes(folder),
        };
        if (network.Data.Columns is { } columns && FitsInput(columns, network.Data.Inputs))
            config["columns"] = Node(columns);
        foreach (var (key, value) in Published(network) ?? [])
            if (!config.ContainsKey(key)) config[key] = value?.DeepClone();
        foreach (var (key, value) in Node(network)!.AsObject())
            if (!config.ContainsKey(key)) config[key] = value?.DeepClone();
        return config;
    }

    // a column for each value of a table, one or two of texts
    static bool FitsInput(IReadOnlyList<string> columns, IReadOnlyList<TensorSpec> inputs) =>
        inputs is [{ Varies: false } only] ? only.Count == columns.Count : inputs[0].Name == InputNames.InputIds;

    // so that Hugging Face's libraries open the folder too
    static JsonObject? Published(NetworkConfig network) =>
        Recipe.Read<ModelOptions>(network.Network, network.Part).PublishedConfig(network.Data);

    /// <summary>A graph's outputs as specs.</summary>
    public static IReadOnlyList<TensorSpec> Outputs(ModelProto model) => [.. model.Graph.Output.Select(output =>
    {
        var dimensions = output.Type.TensorType.Shape.Dim;
        var axes = Output.Named(output.Name)!.AxesOf(dimensions.Count);
        return new TensorSpec
        {
            Name = output.Name,
            Axes = [.. dimensions.Zip(axes).Skip(1).Select(pair => new TensorAxis(
                pair.Second, pair.First.DimValue > 0 ? pair.First.DimValue : null))],
        };
    })];

    static JsonObject Hashes(string folder)
    {
        var hashes = new JsonObject();
        var names = Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!);
        foreach (var name in names.Where(name => name != "lock").Order(StringComparer.Ordinal))
            hashes[name] = FileHash.Sha256(Path.Combine(folder, name));
        return hashes;
    }

    static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Json.Indented);
}
