using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Export;

namespace Retort.Cli.Commands;

/// <summary>A network of a run as a folder to deploy.</summary>
static class Export
{
    public static Command Command()
    {
        var run = new Argument<string>("RUN") { Description = "The run's folder." };
        var seed = SharedOptions.Integer(
            "--seed", 1, "The student of this seed, instead of the one that is best on validation.");
        var network = new Option<string?>("--network")
        {
            Description = "Another network of the run: teacher, control-seed1, …", HelpName = "name",
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The folder to write; RUN/export/NETWORK where it is left out.", HelpName = "folder",
        };
        var outputs = new Option<string?>("--outputs")
        {
            Description = "More outputs of the graph: embedding,hidden_states,attentions,token_embeddings.",
            HelpName = "names",
        };
        var int8 = new Option<bool>("--int8") { Description = "Also in 8-bit integers, calibrated on training examples." };
        var float16 = new Option<bool>("--float16") { Description = "Also in float16." };
        var scaling = new Option<bool>("--temperature-scaling")
        {
            Description = "Divides the logits, inside the graph, by the temperature that calibrates them on validation.",
        };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "export", "Writes a student as an ONNX graph in a folder to deploy, compared with the trained network first.",
            "retort export runs/quickstart", "retort export runs/quickstart --seed 2 --out student --int8 --float16")
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
        command.SetAction((result, token) => Task.FromResult(Do(result.GetRequiredValue(run), new()
        {
            Network = result.GetValue(seed) is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"student-seed{number}") : result.GetValue(network),
            Folder = result.GetValue(folder),
            Outputs = Names(result.GetValue(outputs)).Aggregate(OutputSet.None, (all, name) => all | KeyOf(name)!),
            IncludeInt8 = result.GetValue(int8),
            IncludeFloat16 = result.GetValue(float16),
            ScalesTemperature = result.GetValue(scaling),
        }, result.GetValue(json), result.InvocationConfiguration.Output, token)));
        return command;
    }

    static string[] Names(string? text) => text?.Split(',') ?? [];

    static OutputKey? KeyOf(string name) => Output.All.FirstOrDefault(key => key.Name == name);

    static int Do(string run, ExportOptions options, bool json, TextWriter output, CancellationToken token)
    {
        var exported = StudentFolder.Write(run, options, token);
        output.Write(json ? JsonSerializer.Serialize(exported, Json.Indented) + "\n" : Text(exported));
        return 0;
    }

    static string Text(ExportResult exported)
    {
        var full = exported.Variants[0];
        List<string> headings = ["graph", "file", "bytes", Heading(exported.Score)];
        if (full.Agreement is not null) headings.Add("agreement, %");
        List<string> lines =
        [
            .. PlainTable.Lines([.. headings, "one example, µs"], 2, exported.Variants.Select(
                variant => Cells(variant, exported.Score))),
            .. exported.Variants.Skip(1).Select(variant => variant.CompareTo(full, exported.Score)),
            .. exported.LeftOut,
            string.Create(CultureInfo.InvariantCulture, $"On {exported.Inputs} examples no number of an output of ")
                + string.Create(CultureInfo.InvariantCulture, $"{exported.Network} differs in the graph by more than ")
                + string.Create(CultureInfo.InvariantCulture, $"{exported.WorstError:0.0e0} · max(1, |number|)."),
        ];
        if (exported.Temperature is { } temperature) lines.Add(string.Create(CultureInfo.InvariantCulture,
            $"The logits are divided by the temperature {temperature:0.000}, fitted on validation."));
        lines.Add(exported.Folder);
        return string.Join('\n', lines) + "\n";
    }

    static string Heading(Score score) => score.Title + (score.Unit == ScoreUnit.Percent ? ", %" : "");

    static string[] Cells(Variant variant, Score score)
    {
        List<string> cells =
        [
            variant.Name, variant.File, variant.Bytes.ToString("N0", CultureInfo.InvariantCulture),
            score.Unit == ScoreUnit.Percent ? Percent(variant.Score)
                : variant.Score.ToString("0.0000", CultureInfo.InvariantCulture),
        ];
        if (variant.Agreement is { } agreement) cells.Add(Percent(agreement));
        cells.Add(variant.Microseconds.ToString("0.0", CultureInfo.InvariantCulture));
        return [.. cells];
    }

    static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);
}
