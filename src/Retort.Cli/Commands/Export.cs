using System.CommandLine;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Export;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort export</c>: writes a network of a run to a folder for deployment.</summary>
static class Export
{
    public static Command Command()
    {
        var run = new Argument<string>("RUN") { Description = "The run's folder." };
        var seed = SharedOptions.Integer(
            "--seed", 1, "The student of this seed, instead of the student that is best on validation.");
        var network = SharedOptions.Text("--network", "name", "Another network of the run: teacher, control-seed1, …; "
            + "control is the control that is best on validation.");
        var folder = SharedOptions.Out("The folder to write; by default RUN/export/NETWORK.");
        var outputs = SharedOptions.Text(
            "--outputs", "names", "More outputs of the model: embedding,hidden_states,attentions,token_embeddings.");
        var int8 = new Option<bool>("--int8")
        {
            Description = "Also writes an int8 model, calibrated on training examples.",
        };
        var float16 = new Option<bool>("--float16") { Description = "Also writes a float16 model." };
        var scaling = new Option<bool>("--temperature-scaling")
        {
            Description = "Divides the logits in the model by the temperature that calibrates them on validation.",
        };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "export",
            "Writes a student as an ONNX model to a folder for deployment, and compares it with the trained network.",
            "retort export runs/quickstart",
            "retort export runs/quickstart --seed 2 --out student --int8 --float16")
        {
            run, seed, network, folder, outputs, int8, float16, scaling, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(seed) is not null && result.GetValue(network) is not null)
                result.AddError("--seed and --network both name the network: use one of them.");
            if (Names(result.GetValue(outputs)).FirstOrDefault(name => KeyOf(name) is null) is { } unknown)
                result.AddError($"--outputs must be names of {string.Join(", ", Output.All)}; one is \"{unknown}\".");
        });
        command.SetAction((result, token) =>
        {
            var options = new ExportOptions
            {
                Network = result.GetValue(seed) is { } number
                    ? Invariant($"student-seed{number}")
                    : result.GetValue(network),
                Folder = result.GetValue(folder),
                Outputs = Names(result.GetValue(outputs)).Aggregate(OutputSet.None, (all, name) => all | KeyOf(name)!),
                IncludeInt8 = result.GetValue(int8),
                IncludeFloat16 = result.GetValue(float16),
                ScalesTemperature = result.GetValue(scaling),
            };
            var exported = StudentFolder.Write(result.GetRequiredValue(run), options, token);
            var output = result.InvocationConfiguration.Output;
            output.Write(result.GetValue(json) ? JsonSerializer.Serialize(exported, Json.Indented) + "\n"
                : Text(exported, TerminalWidth.Of(output)));
            return Task.FromResult(0);
        });
        return command;
    }

    static string[] Names(string? text) => text?.Split(',') ?? [];

    static OutputKey? KeyOf(string name) => Output.All.FirstOrDefault(key => key.Name == name);

    static string Text(ExportResult exported, int? width)
    {
        var full = exported.Variants[0];
        List<string> head = ["graph", "file", "bytes", exported.Score.Heading()];
        if (full.Agreement is not null) head.Add("agreement, %");
        List<string> lines =
        [
            .. PlainTable.Lines([.. head, "one example, µs"], 2,
                exported.Variants.Select(variant => variant.Cells(exported.Score)), width),
            .. exported.Variants.Skip(1).Select(variant => variant.CompareTo(full, exported.Score)),
            .. exported.LeftOut,
            Invariant($"{exported.Network} matches the trained network: their outputs for {exported.Inputs} examples ")
                + Invariant($"differ by at most {exported.WorstError:0.0e0} (numbers above 1: relative to them)."),
        ];
        if (exported.Temperature is { } t)
            lines.Add(Invariant($"The logits are divided by the temperature {t:0.000}, fitted on validation."));
        lines.Add(exported.Folder);
        return string.Join('\n', lines) + "\n";
    }
}
