using System.CommandLine;
using System.Text.Json.Nodes;
using Retort.Data;
using Spectre.Console;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort data list</c> and <c>retort data get NAME</c>.</summary>
static class Data
{
    public static Command Command() => new("data",
        "Lists data sets and brings them from their publishers.\n\n  retort data list\n  retort data get mnist") { List(), Get() };

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("list",
            "What comes with Retort, what can be downloaded, and what already was.\n\n  retort data list --json") { json };
        command.SetAction(result =>
        {
            var sets = Sets();
            if (result.GetValue(json)) Console.WriteLine(new JsonArray([.. sets.Select(Json)]).ToJsonString(Retort.Training.RunJson.Indented));
            else foreach (var set in sets) Console.WriteLine(Text(set));
            return 0;
        });
        return command;
    }

    static Command Get()
    {
        var name = new Argument<string>("name") { Description = string.Join(", ", Downloads.Known.Select(set => set.Name)) };
        name.CompletionSources.Add([.. Downloads.Known.Select(set => set.Name)]);
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but errors." };
        var command = new Command("get", "Downloads a data set into the cache (RETORT_DATA moves it); "
            + "one that broke off goes on where it stopped.\n\n  retort data get fashion-mnist") { name, quiet };
        command.SetAction(async (result, token) =>
        {
            try
            {
                await Fetch(result.GetRequiredValue(name), result.GetValue(quiet), token);
                return 0;
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("Stopped. What has come is kept; the same command goes on from there.");
                return 130;
            }
            catch (Exception error) when (error is InvalidDataException or IOException or ArgumentException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(error.Message);
                return 1;
            }
        });
        return command;
    }

    static async Task Fetch(string name, bool quiet, CancellationToken token)
    {
        var set = Downloads.Find(name);
        var folder = Path.Combine(CacheFolders.Data, set.Name);
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var downloader = new Downloader(client, TimeProvider.System);
        if (quiet) await downloader.GetAsync(set, folder, null, token);
        else if (Console.IsOutputRedirected) await downloader.GetAsync(set, folder, new Lines(), token);
        else
            await AnsiConsole.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
                .StartAsync(bars => downloader.GetAsync(set, folder, new Bars(bars), token));
        if (quiet) return;
        Console.WriteLine(Invariant($"{set.Name} is in {folder}; a recipe names it:"));
        Console.WriteLine(Invariant($"  \"data\": {{ \"name\": \"{set.Reader}\", \"path\": \"cache:{set.Name}\" }}"));
    }

    sealed record Set(string Name, string Summary, string Reader, string Licence, string Page, string State, string? Path, long Bytes);

    static List<Set> Sets()
    {
        var sets = new List<Set>();
        if (DataSets.ShippedFolder() is { } shipped)
            foreach (var set in DataSets.Shipped)
            {
                var path = Path.Combine(shipped, set.Path);
                sets.Add(new(set.Name, set.Summary, set.Reader, set.Licence, set.Page, "shipped", path, DataSets.BytesAt(path)));
            }
        foreach (var set in Downloads.Known)
        {
            var folder = Path.Combine(CacheFolders.Data, set.Name);
            var here = DataSets.IsWhole(set, folder);
            sets.Add(new(set.Name, set.Summary, set.Reader, set.Licence, set.Page,
                here ? "downloaded" : "available", here ? folder : null, here ? DataSets.BytesAt(folder) : set.Files.Sum(file => file.Bytes)));
        }
        return sets;
    }

    static JsonObject Json(Set set) => new()
    {
        ["name"] = set.Name, ["summary"] = set.Summary, ["reader"] = set.Reader, ["licence"] = set.Licence, ["source"] = set.Page,
        ["state"] = set.State, ["path"] = set.Path, ["bytes"] = set.Bytes,
    };

    static string Text(Set set) => Invariant(
        $"{set.Name,-18} {set.State,-10} {set.Bytes / 1e6,6:0.0} MB  {set.Summary}\n")
        + Invariant($"{"",18} {set.Path ?? $"retort data get {set.Name}"}\n{"",18} {set.Licence} · {set.Page}\n");

    /// <summary>A line when a file is whole.</summary>
    sealed class Lines : IProgress<DownloadProgress>
    {
        string? _told;

        public void Report(DownloadProgress value)
        {
            if (value.Done < value.Total || _told == value.File) return;
            _told = value.File;
            Console.WriteLine(Invariant($"{value.File} {value.Done / 1e6:0.0} MB"));
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
