using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Runs;
using Retort.Tensors.Native;

namespace Retort.Cli.Commands;

/// <summary>The scores of saved networks, computed again.</summary>
static class Evaluate
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A run, or one network's folder in it." };
        var data = new Option<string?>("--data")
        {
            Description = "A recipe whose data is taken instead of the run's.", HelpName = "recipe",
        };
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("evaluate", "Runs saved networks again and prints their scores.",
            "retort evaluate runs/quickstart",
            "retort evaluate runs/quickstart/networks/student-seed1 --data recipes/other.json")
        {
            folder, data, settings, json,
        };
        command.SetAction((result, token) => Task.FromResult(Do(
            result.GetRequiredValue(folder), result.GetValue(data), result.GetRequiredValue(settings),
            result.GetValue(json), result.InvocationConfiguration.Output, token)));
        return command;
    }

    static int Do(
        string folder, string? given, string[] settings, bool json, TextWriter output, CancellationToken token)
    {
        var (run, networks) = Found(folder);
        var recipe = given ?? (run is null ? null : Path.Combine(run, "recipe.json"))
            ?? throw new InvalidOperationException(
                $"{folder} belongs to no run, so its data is not known: name a recipe with --data.");
        NativeLoader.EnsureLoaded();
        var data = Recipe.Read(recipe, settings).Source.Open();
        var teacherOptions = run is not null && Path.Combine(run, "recipe.json") is var own && File.Exists(own)
            ? Recipe.Read(own).Teacher
            : null;
        using var teacher = run is not null && Path.Combine(run, "networks", "teacher") is var teacherFolder
            && SavedNetwork.IsIn(teacherFolder)
            ? SavedNetwork.Open(teacherFolder, teacherOptions)
            : null;
        var splits = new[] { ("validation", data.Validation), ("test", data.Test) };
        var teacherPredictions = splits.Select(split => teacher?.Predict(split.Item2)).ToList();
        List<SplitScores> found = [];
        List<Score> scores = [];
        foreach (var network in networks)
        {
            using var saved = SavedNetwork.Open(network, teacherOptions);
            if (given is null && settings.Length == 0 && saved.Config.DataHash != data.Hash)
                throw new InvalidDataException(
                    $"{network} was trained on data with hash {saved.Config.DataHash}; "
                    + $"what {recipe} names has {data.Hash} now.");

            var task = saved.Config.TaskOf();
            var training = task.ScoresNeedTraining ? saved.Predict(data.Labelled) : null;
            foreach (var ((name, split), teachers) in splits.Zip(teacherPredictions))
            {
                token.ThrowIfCancellationRequested();
                var predictions = saved.Predict(split);
                if (given is null && settings.Length == 0) SavedNetwork.CheckStored(network, predictions, name);
                found.Add(new(saved.Config.Part, name,
                    task.Evaluate(predictions, saved.Config.Role == "teacher" ? null : teachers, training)));
            }
            scores.AddRange(task.Scores.Except(scores));
        }
        output.Write(json ? Document(data, found) : Table(scores, found));
        return 0;
    }

    sealed record SplitScores(string Network, string Split, IReadOnlyDictionary<string, double> Scores);

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
        List<string> all = Directory.Exists(networks) ? [.. Directory.GetDirectories(networks)] : [];
        if (File.Exists(Path.Combine(folder, "results.json")))
            foreach (var network in all)
                if (!SavedNetwork.IsIn(network)) throw new InvalidDataException(
                    $"{Path.Combine(network, "config.json")} is missing, and the run is finished.");
        all.RemoveAll(network => !SavedNetwork.IsIn(network));
        if (all.Count == 0)
            throw new InvalidDataException(
                $"{folder} holds no network that is done: name a run or one network's folder.");
        var byNumber = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);
        var ordered = all.OrderBy(path => Path.GetFileName(path) != "teacher")
            .ThenBy(path => Path.GetFileName(path), byNumber);
        return (folder, [.. ordered]);
    }

    static string Document(Dataset data, IEnumerable<SplitScores> found) => JsonSerializer.Serialize(new
    {
        data = new { data.Name, data.Hash },
        networks = found.GroupBy(one => one.Network)
            .ToDictionary(network => network.Key, network => network.ToDictionary(one => one.Split, one => one.Scores)),
    }, Json.Indented) + "\n";

    static string Table(IReadOnlyList<Score> scores, IReadOnlyList<SplitScores> found)
    {
        var shown = scores.Where(score => found.Any(one => one.Scores.ContainsKey(score.Name))).ToList();
        var rows = found.Select(one => (string[])
        [
            one.Network, one.Split,
            .. shown.Select(score => one.Scores.TryGetValue(score.Name, out var value) ? score.Format(value) : "–"),
        ]);
        string[] head = ["network", "split", .. shown.Select(score => score.Heading())];
        return string.Join('\n', PlainTable.Lines(head, 2, rows)) + "\n";
    }
}
