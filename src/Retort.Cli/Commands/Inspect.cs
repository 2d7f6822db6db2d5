using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Export;
using Retort.Runs;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>What a model file holds, layer by layer, and what it costs.</summary>
static class Inspect
{
    public static Command Command()
    {
        var file = new Argument<string>("FILE") { Description = "An ONNX, safetensors or .pth file, a student's folder, or one network's folder in a run." };
        var shapes = new Option<string[]>("--input")
        {
            Description = "The shape of an input of which more than the first axis is open: tokens=1,128. May stand several times.",
            HelpName = "name=sizes", DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false,
        };
        shapes.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => Shape(token.Value) is null) is { } wrong)
                result.AddError($"--input must be a name and sizes, such as tokens=1,128; it is \"{wrong.Value}\".");
        });
        var key = new Option<string?>("--key") { Description = "Which mapping of names to tensors is meant, where a state file holds several.", HelpName = "name" };
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("inspect", "Shows a model's layers, shapes, parameters, multiply-adds and activation memory.",
            "retort inspect runs/quickstart/export/student-seed1", "retort inspect teacher.onnx --input tokens=1,128 --json")
        {
            file, shapes, key, json,
        };
        command.SetAction(result => Do(result.GetRequiredValue(file), result.GetRequiredValue(shapes), result.GetValue(key), result.GetValue(json), result.InvocationConfiguration.Output));
        return command;
    }

    static int Do(string file, string[] shapes, string? key, bool json, TextWriter output)
    {
        var given = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var text in shapes) given[text[..text.IndexOf('=', StringComparison.Ordinal)]] = Shape(text)!;
        var found = Inspection.Of(file, given, key);
        output.Write(json ? JsonSerializer.Serialize(found, Json.Indented) + "\n" : Text(found));
        return 0;
    }

    static long[]? Shape(string text)
    {
        if (text.Split('=') is not [{ Length: > 0 }, var sizes]) return null;
        var axes = sizes.Split(',').Select(size => long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length > 0 ? length : 0).ToArray();
        return axes.Contains(0) ? null : axes;
    }

    static string Text(Inspection found)
    {
        var counted = found.MultiplyAdds is not null;
        List<string> lines =
        [
            .. PlainTable.Lines(counted ? ["layer", "operator", "result", "parameters", "multiply-adds"] : ["tensor", "type", "shape", "parameters"], 3,
                found.Layers.Select(layer => (string[])
                [
                    layer.Name, layer.Operator, $"[{string.Join(", ", layer.Shape)}]", Number(layer.Parameters), .. counted ? [Number(layer.MultiplyAdds)] : Array.Empty<string>(),
                ])),
            "",
            $"{found.Path}: {found.Kind}, {Number(found.Bytes)} bytes",
            .. found.Inputs.Select(input => $"in    {input}"),
            .. found.Outputs.Select(output => $"out   {output}"),
            $"{Number(found.Parameters)} parameters"
                + (counted ? $"; one {(found.IsForOneExample ? "example" : "call with all its examples")}: {Number(found.MultiplyAdds!.Value)} multiply-adds, {Number(found.ActivationBytes!.Value)} bytes of activations at the peak" : ""),
        ];
        if (found.NotCounted.Count > 0) lines.Add($"Not in the multiply-adds: {string.Join(", ", found.NotCounted)}.");
        return string.Join('\n', lines) + "\n";
    }

    static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
