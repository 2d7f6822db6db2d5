using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Recipes;
using Retort.Report;
using Retort.Runs;
using Retort.Tensors.Native;

namespace Retort.Cli.Commands;

/// <summary><c>retort evaluate</c>: evaluates saved networks again.</summary>
static class Evaluate
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A run's folder, or that of one of its networks." };
        var data = SharedOptions.Text("--data", "recipe", "A recipe whose data is used instead of the run's.");
        var settings = SharedOptions.Settings();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "evaluate",
            "Computes accuracy, NLL, calibration and agreement with the teacher of saved networks.",
            "retort evaluate runs/quickstart",
            "retort evaluate runs/quickstart/networks/student-seed1 --data recipes/other.json")
        {
            folder, data, settings, json,
        };
        command.SetAction((result, token) =>
        {
            var request = new Request(
                result.GetRequiredValue(folder), result.GetValue(data), result.GetRequiredValue(settings));
            var (dataset, scores) = Execute(request, token);
            result.InvocationConfiguration.Output.Write(
                result.GetValue(json) ? ToJson(dataset, scores) : ToTable(scores));
            return Task.FromResult(0);
        });
        return command;
    }

    sealed record Request(string Folder, string? Data, string[] Settings)
    {
        /// <summary>Whether the networks see the data of their own run.</summary>
        public bool HasOwnData => Data is null && Settings.Length == 0;
    }

    sealed record Scores(string Network, string Split, Evaluation Evaluation);

    static (Dataset Data, List<Scores> Scores) Execute(Request request, CancellationToken token)
    {
        var (run, networks) = FindNetworks(request.Folder);
        var ownRecipe = run is null ? null : Path.Combine(run, "recipe.json");
        var recipe = request.Data ?? ownRecipe ?? throw new InvalidOperationException(
            $"{request.Folder} belongs to no run, so its data is unknown: name a recipe with --data.");

        NativeLoader.EnsureLoaded();
        var data = Recipe.Read(recipe, request.Settings).Data.Open();
        var teacherOptions = ownRecipe is not null && File.Exists(ownRecipe) ? Recipe.Read(ownRecipe).Teacher : null;
        var teacherFolder = run is null ? null : Path.Combine(run, "networks", "teacher");
        using var teacher = teacherFolder is not null && SavedNetwork.IsIn(teacherFolder)
            ? SavedNetwork.Open(teacherFolder, teacherOptions)
            : null;
        var splits = new[] { ("validation", data.Validation), ("test", data.Test) };
        var teacherPredictions = splits.Select(split => teacher?.Ask(split.Item2)).ToList();

        List<Scores> scores = [];
        foreach (var folder in networks)
        {
            using var network = SavedNetwork.Open(folder, teacherOptions);
            if (request.HasOwnData && network.Card.DataHash != data.Hash)
                throw new InvalidDataException(
                    $"{folder} was trained on data with the hash {network.Card.DataHash}; "
                    + $"the data of {recipe} has {data.Hash} now.");

            foreach (var ((name, split), predictions) in splits.Zip(teacherPredictions))
            {
                token.ThrowIfCancellationRequested();
                var reference = network.Card.Role == "teacher" ? null : predictions;
                scores.Add(new(network.Card.Part, name, Evaluation.Of(network.Ask(split), reference)));
            }
        }
        return (data, scores);
    }

    /// <summary>
    /// All networks of a run, the teacher first; or the one network in a folder, and its run if it is in one.
    /// </summary>
    static (string? Run, IReadOnlyList<string> Networks) FindNetworks(string folder)
    {
        if (!Directory.Exists(folder)) throw new InvalidDataException($"{folder}: there is no such folder.");
        if (SavedNetwork.IsIn(folder))
        {
            var above = Path.GetFullPath(Path.Combine(folder, "..", ".."));
            return (File.Exists(Path.Combine(above, "recipe.json")) ? above : null, [folder]);
        }

        var parent = Path.Combine(folder, "networks");
        var networks = Directory.Exists(parent)
            ? Directory.GetDirectories(parent).Where(SavedNetwork.IsIn).ToList()
            : [];
        if (networks.Count == 0)
            throw new InvalidDataException(
                $"{folder} holds no finished network: name a run's folder, or that of one of its networks.");

        var numerical = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);
        var sorted = networks
            .OrderBy(path => Path.GetFileName(path) != "teacher")
            .ThenBy(path => Path.GetFileName(path), numerical);
        return (folder, [.. sorted]);
    }

    static string ToJson(Dataset data, IEnumerable<Scores> scores)
    {
        var networks = scores
            .GroupBy(score => score.Network)
            .ToDictionary(
                network => network.Key,
                network => network.ToDictionary(score => score.Split, score => score.Evaluation));
        return JsonSerializer.Serialize(new { data = new { data.Name, data.Hash }, networks }, Json.Indented) + "\n";
    }

    static string ToTable(IEnumerable<Scores> scores)
    {
        string[] head = ["network", "split", "accuracy, %", "NLL, nats", "ECE, %", "agreement, %", "KL, nats"];
        return string.Join('\n', PlainTable.Lines(head, 2, scores.Select(Row))) + "\n";

        static string[] Row(Scores score) =>
        [
            score.Network,
            score.Split,
            Percent(score.Evaluation.Accuracy),
            Nats(score.Evaluation.Nll),
            Percent(score.Evaluation.Ece),
            Percent(score.Evaluation.Agreement),
            Nats(score.Evaluation.Kl),
        ];
    }

    static string Percent(double? share) =>
        share is { } value ? (100 * value).ToString("0.00", CultureInfo.InvariantCulture) : "–";

    static string Nats(double? nats) =>
        nats is { } value ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "–";
}
