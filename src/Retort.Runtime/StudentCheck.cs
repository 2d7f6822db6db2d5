using System.Text.Json;

namespace Retort.Runtime;

/// <summary>Checks that a graph is the one that its folder's <c>config.json</c> describes.</summary>
static class StudentCheck
{
    /// <exception cref="InvalidDataException">The graph has other inputs, outputs or classes.</exception>
    public static void Check(StudentConfig config, OnnxModel graph)
    {
        var same = config.Inputs.Count == graph.Inputs.Count && config.Inputs.All(
            input => graph.Inputs.Any(found => found.Name == input.Name && IsSame(input, found)));
        if (!same) throw new InvalidDataException($"{graph.Path} should take {string.Join(", ", config.Inputs)}, "
            + $"as config.json says; it takes {string.Join(", ", graph.Inputs)}.");
        foreach (var output in config.Outputs)
            if (graph.Output(output.Name) is var found && !IsSame(output, found)) throw new InvalidDataException(
                $"{graph.Path} should return {output}, as config.json says; it returns {found}.");
        CheckClasses(config, graph);
    }

    static bool IsSame(OnnxTensorInfo described, OnnxTensorInfo found) =>
        described.ElementType == found.ElementType && described.Shape.SequenceEqual(found.Shape);

    static void CheckClasses(StudentConfig config, OnnxModel graph)
    {
        var logits = config.Outputs.FirstOrDefault(output => output.Name == StudentConfig.Logits);
        if (logits is not null && !logits.Shape.SequenceEqual([-1, config.Classes.Count]))
            throw new InvalidDataException(
                Invariant($"{graph.Path} should return logits float [batch, {config.Classes.Count}], one a class of ")
                + $"config.json; it returns {graph.Output(StudentConfig.Logits)}.");
        if (graph.Metadata.GetValueOrDefault("retort.classes") is { } names
            && !ReadNames(names, graph.Path).SequenceEqual(config.Classes)) throw new InvalidDataException(
            $"{graph.Path} was exported with the classes {names}; those of config.json are others.");
    }

    static string[] ReadNames(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path}: its metadata \"retort.classes\" must be a JSON array of names.", error);
        }
    }
}
