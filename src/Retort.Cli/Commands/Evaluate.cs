using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Studies;
using Retort.Tensors.Native;
using Retort.Training;

namespace Retort.Cli.Commands;

/// <summary>The figures of saved networks, asked anew.</summary>
static class Evaluate
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A run, or one network's folder in it." };
        var data = new Option<string?>("--data") { Description = "A recipe whose data is taken instead of the run's.", HelpName = "recipe" };
        var settings = CommonOptions.Settings();
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("evaluate", "Asks saved networks again: accuracy, NLL, calibration, agreement with the teacher.",
            "retort evaluate runs/quickstart", "retort evaluate runs/quickstart/networks/student-seed1 --data recipes/other.json")
        {
            folder, data, settings, json,
        };
        command.SetAction((result, token) => Task.FromResult(Do(
            result.GetRequiredValue(folder), result.GetValue(data), result.GetRequiredValue(settings), result.GetValue(json),
            result.InvocationConfiguration.Output, token)));
        return command;
    }

    static int Do(string folder, string? given, string[] settings, bool json, TextWriter output, CancellationToken token)
    {
        var (run, networks) = Found(folder);
        var recipe = given ?? (run is null ? null : Path.Combine(run, "recipe.json"))
            ?? throw new InvalidOperationException($"{folder} belongs to no run, so its data is not known: name a recipe with --data.");
        NativeLoader.EnsureLoaded();
        var data = Recipe.Read(recipe, settings).Data.Open();
        var taughtBy = run is not null && Path.Combine(run, "recipe.json") is var own && File.Exists(own) ? Recipe.Read(own).Teacher : null;
        using var teacher = run is not null && Path.Combine(run, "networks", "teacher") is var taught && SavedNetwork.IsIn(taught) ? SavedNetwork.Open(taught, taughtBy) : null;
        var parts = new[] { ("validation", data.Validation), ("test", data.Test) };
        var lessons = parts.Select(part => teacher?.Ask(part.Item2)).ToList();
        List<Figure> found = [];
        foreach (var network in networks)
        {
            using var saved = SavedNetwork.Open(network, taughtBy);
            if (given is null && settings.Length == 0 && saved.Card.DataHash != data.Hash) throw new InvalidDataException(
                $"{network} was trained on data with hash {saved.Card.DataHash}; what {recipe} names has {data.Hash} now.");
            foreach (var ((name, part), lesson) in parts.Zip(lessons))
            {
                token.ThrowIfCancellationRequested();
                found.Add(new(saved.Card.Part, name, Evaluation.Of(saved.Ask(part), saved.Card.Role == "teacher" ? null : lesson)));
            }
        }
        output.Write(json ? Document(data, found) : Table(found));
        return 0;
    }

    sealed record Figure(string Network, string Part, Evaluation Of);

    // a run: all its networks, the teacher first; else the one network, and the run it stands in
    static (string? Run, IReadOnlyList<string> Networks) Found(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");
        if (SavedNetwork.IsIn(folder))
        {
            var above = Path.GetFullPath(Path.Combine(folder, "..", ".."));
            return (File.Exists(Path.Combine(above, "recipe.json")) ? above : null, [folder]);
        }
        var networks = Path.Combine(folder, "networks");
        List<string> all = Directory.Exists(networks) ? [.. Directory.GetDirectories(networks).Where(SavedNetwork.IsIn)] : [];
        if (all.Count == 0) throw new InvalidDataException($"{folder} holds no network that is done: name a run or one network's folder.");
        return (folder, [.. all.OrderBy(path => Path.GetFileName(path) != "teacher").ThenBy(path => Path.GetFileName(path), StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering))]);
    }

    static string Document(Dataset data, IEnumerable<Figure> found) => JsonSerializer.Serialize(new
    {
        data = new { data.Name, data.Hash },
        networks = found.GroupBy(figure => figure.Network).ToDictionary(network => network.Key, network => network.ToDictionary(figure => figure.Part, figure => figure.Of)),
    }, Json.Indented) + "\n";

    static string Table(IEnumerable<Figure> found) => string.Join('\n', PlainTable.Lines(
        ["network", "part", "accuracy, %", "NLL, nats", "ECE, %", "agreement, %", "KL, nats"], 2, found.Select(figure => (string[])
        [
            figure.Network, figure.Part, Percent(figure.Of.Accuracy), Nats(figure.Of.Nll), Percent(figure.Of.Ece), Percent(figure.Of.Agreement), Nats(figure.Of.Kl),
        ]))) + "\n";

    static string Percent(double? share) => share is { } value ? (100 * value).ToString("0.00", CultureInfo.InvariantCulture) : "–";

    static string Nats(double? nats) => nats is { } value ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "–";
}
