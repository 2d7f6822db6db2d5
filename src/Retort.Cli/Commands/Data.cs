using System.CommandLine;
using System.Text.Json.Nodes;
using Retort.Cli.Grammar;
using Retort.Data;
using Retort.Runs;
using Spectre.Console;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort data list</c> and <c>retort data get NAME</c>.</summary>
static class Data
{
    public static Command Command() => new CommandWithExamples("data", "Lists data sets and brings them from their publishers.",
        "retort data list", "retort data get fashion-mnist") { List(), Get() };

    static CommandWithExamples List()
    {
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("list", "What comes with Retort, what can be downloaded, and what already was.", "retort data list") { json };
        command.SetAction(result =>
        {
            var (sets, output) = (Sets(), result.InvocationConfiguration.Output);
            if (result.GetValue(json)) output.WriteLine(new JsonArray([.. sets.Select(Describe)]).ToJsonString(Json.Indented));
            else foreach (var set in sets) output.WriteLine(Text(set));
            return 0;
        });
        return command;
    }

    static CommandWithExamples Get()
    {
        var name = new Argument<string>("NAME") { Description = "The data set, as `retort data list` calls it." };
        name.CompletionSources.Add(_ => Downloads.Known.Select(set => set.Name));
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Prints nothing but errors." };
        var json = CommonOptions.Json();
        var command = new CommandWithExamples("get", "Downloads a data set into the cache (RETORT_DATA moves it); one that broke off goes on where it stopped.",
            "retort data get fashion-mnist") { name, json, quiet };
        command.SetAction((result, token) => Fetch(result.GetRequiredValue(name), result.GetValue(json), result.GetValue(quiet), result.InvocationConfiguration, token));
        return command;
    }

    static async Task<int> Fetch(string name, bool json, bool quiet, InvocationConfiguration to, CancellationToken token)
    {
        var set = Downloads.Find(name);
        var folder = Path.Combine(CacheFolders.Data, set.Name);
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var downloader = new Downloader(client, TimeProvider.System);
        try
        {
            if (quiet) await downloader.GetAsync(set, folder, null, token);
            else if (!Display.ProgressDisplay.IsTerminal(to.Error)) await downloader.GetAsync(set, folder, new Lines(to.Error), token);
            else
                await AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(to.Error) }).Progress().Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                    new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
                    .StartAsync(bars => downloader.GetAsync(set, folder, new Bars(bars), token));
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException("Stopped. What has come is kept; the same command goes on from there.", token);
        }
        if (json) to.Output.WriteLine(Describe(Sets().Single(one => one.Name == set.Name)).ToJsonString(Json.Indented));
        if (json || quiet) return 0;
        to.Output.WriteLine(Invariant($"{set.Name} is in {folder}; a recipe names it:"));
        to.Output.WriteLine(Invariant($"  \"data\": {{ \"name\": \"{set.Format}\", \"path\": \"cache:{set.Name}\" }}"));
        return 0;
    }

    sealed record Set(string Name, string Summary, string Reader, string Licence, string Page, string State, string? Path, long Bytes);

    static List<Set> Sets()
    {
        var sets = new List<Set>();
        if (Datasets.ShippedFolder() is { } shipped)
            foreach (var set in Datasets.Shipped)
            {
                var path = Path.Combine(shipped, set.Path);
                sets.Add(new(set.Name, set.Summary, set.Format, set.Licence, set.Page, "shipped", path, Datasets.SizeInBytes(path)));
            }
        foreach (var set in Downloads.Known)
        {
            var folder = Path.Combine(CacheFolders.Data, set.Name);
            var here = Datasets.IsComplete(set, folder);
            sets.Add(new(set.Name, set.Summary, set.Format, set.Licence, set.Page,
                here ? "downloaded" : "available", here ? folder : null, here ? Datasets.SizeInBytes(folder) : set.Files.Sum(file => file.Bytes)));
        }
        return sets;
    }

    static JsonObject Describe(Set set) => new()
    {
        ["name"] = set.Name, ["summary"] = set.Summary, ["reader"] = set.Reader, ["licence"] = set.Licence, ["source"] = set.Page,
        ["state"] = set.State, ["path"] = set.Path, ["bytes"] = set.Bytes,
    };

    static string Text(Set set) => Invariant(
        $"{set.Name,-18} {set.State,-10} {set.Bytes / 1e6,6:0.0} MB  {set.Summary}\n")
        + Invariant($"{"",18} {set.Path ?? Tool.AsCalled($"`retort data get {set.Name}`").Trim('`')}\n{"",18} {set.Licence} · {set.Page}\n");

    /// <summary>A line when a file is whole.</summary>
    sealed class Lines(TextWriter error) : IProgress<DownloadProgress>
    {
        string? _told;

        public void Report(DownloadProgress value)
        {
            if (value.Done < value.Total || _told == value.File) return;
            _told = value.File;
            error.WriteLine(Invariant($"{value.File} {value.Done / 1e6:0.0} MB"));
        }
    }

    sealed class Bars(ProgressContext context) : IProgress<DownloadProgress>
    {
        readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(DownloadProgress value)
        {
            if (!_tasks.TryGetValue(value.File, out var task)) _tasks[value.File] = task = context.AddTask(value.File);
            task.MaxValue = Math.Max(value.Total, 1);
            task.Value = value.Done;
        }
    }
}
