using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Export;
using Retort.Runtime;

namespace Retort.Cli.Commands;

/// <summary><c>retort inspect</c>: lists the layers of a model file with their costs.</summary>
static class Inspect
{
    public static Command Command()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "An ONNX, safetensors or .pth file, an exported student's folder, or a network's folder.",
        };
        var shapes = new Option<string[]>("--input")
        {
            Description = "The shape of an input with several variable axes, as in tokens=1,128; may be repeated.",
            HelpName = "name=sizes",
            DefaultValueFactory = _ => [],
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        shapes.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => ParseShape(token.Value) is null) is { } wrong)
                result.AddError($"--input must be a name and sizes, such as tokens=1,128; it is \"{wrong.Value}\".");
        });
        var key = SharedOptions.Text("--key", "name", "The key of the state dict, if the file holds several.");
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "inspect",
            "Shows a model's layers, shapes, parameters, multiply-adds and activation memory.",
            "retort inspect runs/quickstart/export/student-seed1",
            "retort inspect teacher.onnx --input tokens=1,128 --json")
        {
            file, shapes, key, json,
        };
        command.SetAction(result =>
        {
            var sizes = new Dictionary<string, long[]>();
            foreach (var text in result.GetRequiredValue(shapes)) sizes[NameIn(text)] = ParseShape(text)!;
            var found = Inspection.Of(result.GetRequiredValue(file), sizes, result.GetValue(key));
            var output = result.InvocationConfiguration.Output;
            output.Write(result.GetValue(json) ? JsonSerializer.Serialize(found, Json.Indented) + "\n"
                : Text(found, TerminalWidth.Of(output)));
            return 0;
        });
        return command;
    }

    static string NameIn(string text) => text[..text.IndexOf('=', StringComparison.Ordinal)];

    static long[]? ParseShape(string text)
    {
        if (text.Split('=') is not [{ Length: > 0 }, var sizes]) return null;

        var shape = new List<long>();
        foreach (var size in sizes.Split(','))
        {
            var isInteger = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length);
            if (!isInteger || length == 0) return null;
            shape.Add(length);
        }
        return [.. shape];
    }

    static string Text(Inspection found, int? width)
    {
        var hasCosts = found.MultiplyAdds is not null;
        string[] head = hasCosts
            ? ["layer", "operator", "result", "parameters", "multiply-adds"]
            : ["tensor", "type", "shape", "parameters"];
        List<string> lines =
        [
            .. PlainTable.Lines(head, 3, found.Layers.Select(Row), width),
            "",
            $"{found.Path}: {found.Kind}, {Number(found.Bytes)} bytes",
            .. found.Inputs.Select(input => $"in    {input}"),
            .. found.Outputs.Select(output => $"out   {output}"),
            $"{Number(found.Parameters)} parameters" + (hasCosts ? Costs(found) : ""),
        ];
        if (found.NotCounted.Count > 0)
            lines.Add($"Not in the multiply-adds: {string.Join(", ", found.NotCounted)}.");
        return string.Join('\n', lines) + "\n";

        string[] Row(Layer layer)
        {
            string[] cells =
            [
                layer.Name, layer.Operator, $"[{string.Join(", ", layer.Shape)}]", Number(layer.Parameters),
            ];
            return hasCosts ? [.. cells, Number(layer.MultiplyAdds)] : cells;
        }
    }

    static string Costs(Inspection found)
    {
        var unit = found.IsForOneExample ? "example" : "call with all its examples";
        return $"; one {unit}: {Number(found.MultiplyAdds!.Value)} multiply-adds, "
            + $"{Number(found.ActivationBytes!.Value)} bytes of activations at the peak";
    }

    static string Number(long number) => NumberFormat.Count(number);
}
