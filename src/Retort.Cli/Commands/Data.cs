using System.CommandLine;
using System.Text.Json.Nodes;
using Retort.Cli.Display;
using Retort.Cli.Grammar;
using Retort.Data;
using static System.FormattableString;

namespace Retort.Cli.Commands;

/// <summary><c>retort data list</c> and <c>retort data get NAME</c>.</summary>
static class Data
{
    public static Command Command() => new CommandWithExamples(
        "data", "Lists and downloads datasets, and trains from distilled ones.", "retort data list",
        "retort data get fashion-mnist", "retort data apply runs/digits-5/networks/student-seed1/distilled --recipe "
            + "recipes/sldd/digits-5.json")
    {
        List(), Get(), DataApply.Command(),
    };

    static CommandWithExamples List()
    {
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "list",
            "Lists the datasets that are shipped with Retort, downloaded, or available for download.",
            "retort data list")
        {
            json,
        };
        command.SetAction(result =>
        {
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                output.WriteLine(new JsonArray([.. Entries().Select(ToJson)]).ToJsonString(Json.Indented));
            else
                foreach (var entry in Entries()) output.WriteLine(ToText(entry));
            return 0;
        });
        return command;
    }

    static CommandWithExamples Get()
    {
        var name = new Argument<string>("NAME") { Description = "The dataset's name in `retort data list`." };
        name.CompletionSources.Add(_ => Downloads.Known.Select(set => set.Name));
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Prints nothing but errors." };
        var json = SharedOptions.Json();
        var command = new CommandWithExamples(
            "get",
            "Downloads a dataset into the cache (RETORT_DATA names another folder), or continues a download.",
            "retort data get fashion-mnist")
        {
            name, json, quiet,
        };
        command.SetAction(async (result, token) =>
        {
            var set = Downloads.Find(result.GetRequiredValue(name));
            var io = result.InvocationConfiguration;
            await Download(set, io.Error, result.GetValue(quiet), token);
            if (result.GetValue(json))
            {
                var entry = Entries().Single(entry => entry.Name == set.Name);
                io.Output.WriteLine(ToJson(entry).ToJsonString(Json.Indented));
            }
            else if (!result.GetValue(quiet))
            {
                io.Output.WriteLine($"{set.Name} is in {FolderOf(set)}; a recipe uses it with:");
                io.Output.WriteLine($"  \"data\": {{ \"name\": \"{set.Format}\", \"path\": \"cache:{set.Name}\" }}");
            }
            return 0;
        });
        return command;
    }

    static async Task Download(PublishedDataset set, TextWriter error, bool quiet, CancellationToken token)
    {
        var folder = FolderOf(set);
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var downloader = new Downloader(client, TimeProvider.System);
        try
        {
            if (quiet) await downloader.GetAsync(set, folder, null, token);
            else await DownloadDisplay.Run(error, progress => downloader.GetAsync(set, folder, progress, token));
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new OperationCanceledException("Stopped. The same command continues from there.", token);
        }
    }

    static string FolderOf(PublishedDataset set) => Path.Combine(CacheFolders.Data, set.Name);

    sealed record Entry(
        string Name,
        string Summary,
        string Format,
        string Licence,
        string Page,
        string State,
        string? Path,
        long Bytes);

    static List<Entry> Entries()
    {
        var entries = new List<Entry>();
        if (Datasets.ShippedFolder() is { } shipped)
            foreach (var set in Datasets.Shipped)
            {
                var path = Path.Combine(shipped, set.Path);
                entries.Add(new(
                    set.Name, set.Summary, set.Format, set.Licence, set.Page,
                    "shipped", path, Datasets.SizeInBytes(path)));
            }

        foreach (var set in Downloads.Known)
        {
            var folder = FolderOf(set);
            var isHere = Datasets.IsComplete(set, folder);
            entries.Add(new(
                set.Name, set.Summary, set.Format, set.Licence, set.Page,
                isHere ? "downloaded" : "available",
                isHere ? folder : null,
                isHere ? Datasets.SizeInBytes(folder) : set.Files.Sum(file => file.Bytes)));
        }
        return entries;
    }

    static JsonObject ToJson(Entry entry) => new()
    {
        ["name"] = entry.Name,
        ["summary"] = entry.Summary,
        ["reader"] = entry.Format,
        ["licence"] = entry.Licence,
        ["source"] = entry.Page,
        ["state"] = entry.State,
        ["path"] = entry.Path,
        ["bytes"] = entry.Bytes,
    };

    static string ToText(Entry entry)
    {
        var place = entry.Path ?? ShellText.WithToolName($"`retort data get {entry.Name}`").Trim('`');
        var size = NumberFormat.Fixed(entry.Bytes / 1e6, 1);
        return Invariant($"{entry.Name,-18} {entry.State,-10} {size,6} MB  {entry.Summary}\n")
            + Invariant($"{"",18} {place}\n")
            + Invariant($"{"",18} {entry.Licence} · {entry.Page}\n");
    }
}
