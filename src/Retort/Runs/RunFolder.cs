using Retort.Training;
using Retort.Recipes;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>A run's folder while this process alone works in it: begun anew, or gone on with.</summary>
public sealed partial class RunFolder : IDisposable
{
    readonly FolderLock _lock;

    RunFolder(string path, FolderLock taken) => (Path, _lock) = (path, taken);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>
    /// Refuses, before anything is read or made, a folder that is finished or that holds something else; the message
    /// names the command to use.
    /// </summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="command">What starts this run, without <c>--out</c> and <c>--resume</c>.</param>
    public static void Check(string path, string command)
    {
        if (File.Exists(path)) throw new InvalidOperationException($"{path} is a file; a run needs a folder: `{command} --out {path}-run`.");
        if (!Directory.Exists(path)) return;
        if (File.Exists(System.IO.Path.Combine(path, "results.json"))) throw new InvalidOperationException(
            $"{path} holds a finished run: `retort report {path}` makes its report again, `{command} --out {path}-2` a new run.");
        if (File.Exists(CardOf(path))) return;                             // unfinished: whether it is this run, its card will tell
        if (Directory.EnumerateFileSystemEntries(path).Any(entry => !IsOurs(System.IO.Path.GetFileName(entry))))
            throw new InvalidOperationException($"{path} is not empty and holds no run: choose a new folder, `{command} --out {path}-2`.");
    }

    /// <summary>Removes what killed processes left where nobody comes again: drafts, and checkpoints of networks that are done.</summary>
    internal static void Sweep(string path)
    {
        foreach (var part in ((string[])["networks", "tuning", "search"]).Select(part => System.IO.Path.Combine(path, part)).Where(Directory.Exists))
        {
            foreach (var draft in Directory.GetFiles(part, "*.draft", SearchOption.AllDirectories)) File.Delete(draft);
            foreach (var checkpoint in Directory.GetFiles(part, "checkpoint.safetensors", SearchOption.AllDirectories))
                if (File.Exists(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(checkpoint)!, "config.json"))) File.Delete(checkpoint);
        }
    }

    /// <summary>Takes the folder for this process and writes <c>recipe.json</c> and <c>run.json</c>, or checks that they are of this run.</summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="card">What the run is made from.</param>
    /// <param name="recipe">The recipe as a file of this folder.</param>
    /// <param name="resume">Whether an unfinished run may be gone on with; where there is none, one is begun.</param>
    /// <param name="command">What starts this run, without <c>--out</c> and <c>--resume</c>.</param>
    public static RunFolder Begin(string path, RunInfo card, string recipe, bool resume, string command)
    {
        Check(path, command);
        return Begun(FolderLock.Take(path, TimeSpan.Zero), path, card, recipe, resume, command);
    }

    /// <summary>The same, going on with what is there; null where another process is at work in the folder.</summary>
    /// <inheritdoc cref="Begin"/>
    public static RunFolder? TryBegin(string path, RunInfo card, string recipe, string command)
    {
        Check(path, command);
        return FolderLock.TryTake(path) is { } taken ? Begun(taken, path, card, recipe, resume: true, command) : null;
    }

    static RunFolder Begun(FolderLock taken, string path, RunInfo card, string recipe, bool resume, string command)
    {
        var folder = new RunFolder(path, taken);
        try
        {
            Check(path, command);                                          // another process may have finished it just now
            if (InfoIn(path) is { } old)
            {
                CheckSame(path, old, card, command);
                if (!resume) throw new InvalidOperationException(
                    $"{path} holds an unfinished run: `{command} --out {path} --resume` goes on with it, "
                    + $"`{command} --out {path}-2` begins a new one.");
            }
            else
            {
                AtomicFile.Write(System.IO.Path.Combine(path, "recipe.json"), recipe + "\n");
                AtomicFile.Write(CardOf(path), JsonSerializer.Serialize(card, Json.Indented) + "\n");
            }
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The <c>run.json</c> of a folder; null where there is none.</summary>
    public static RunInfo? InfoIn(string path) => File.Exists(CardOf(path)) ? JsonFile.Read<RunInfo>(CardOf(path), "a run") : null;

    /// <summary>What is thrown once all is saved: it says how to go on.</summary>
    internal static OperationCanceledException Stopped(string path, string command, CancellationToken token) =>
        new($"Stopped; what is done is kept in {path}, and `{command} --out {path} --resume` goes on from there.", token);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    [GeneratedRegex(@" --threads \d+")]
    private static partial Regex WithoutThreads();

    // what a process leaves that is killed before it has written run.json
    static bool IsOurs(string name) => name is "lock" or "recipe.json" || name.EndsWith(".draft", StringComparison.Ordinal);

    static string CardOf(string path) => System.IO.Path.Combine(path, "run.json");

    /// <summary>Refuses a run of another recipe, other data, another device or other threads.</summary>
    internal static void CheckSame(string path, RunInfo old, RunInfo card, string command)
    {
        if (old.RecipeHash != card.RecipeHash)
            throw Other("another recipe", Difference(old.Recipe, card.Recipe, "") ?? $"its hash is {old.RecipeHash} there and {card.RecipeHash} here");
        if (old.DataHash != card.DataHash)
            throw Other("other data", $"its hash is {old.DataHash} there and {card.DataHash} here");
        if (old.Device != card.Device)
            throw Other("another device", $"--device is {old.Device} there and {card.Device} here");
        if (old.Threads != card.Threads) throw new InvalidOperationException(
            $"{path} was begun with {old.Threads} threads, and {card.Threads} would change the last bits: "
            + $"`{WithoutThreads().Replace(command, "")} --out {path} --resume --threads {old.Threads}` goes on with it.");
        var (engine, now) = (old.Versions.GetValueOrDefault("torchsharp"), card.Versions.GetValueOrDefault("torchsharp"));
        if (engine != now) throw Other("another engine", $"TorchSharp was {engine} there and is {now} here");

        InvalidOperationException Other(string what, string difference) => new(
            $"{path} holds an unfinished run of {what}: {difference}. Begin a new run: `{command} --out {path}-2`.");
    }

    /// <summary>Refuses a folder whose run is of another recipe; one without a run is fine.</summary>
    public static void CheckRecipe(string path, Recipe recipe)
    {
        if (InfoIn(path) is not { } info || info.RecipeHash == recipe.Hash) return;

        var here = JsonNode.Parse(recipe.ToJson(recipe.Folder));
        throw new InvalidOperationException($"{path} holds a run of another recipe: "
            + $"{Difference(info.Recipe, here, "") ?? "its hash is another"}. Name the run's folder with --out.");
    }

    /// <summary>Refuses to join a run that was begun with another version of Retort or .NET.</summary>
    internal static void CheckVersions(string path, RunInfo begun, RunInfo here)
    {
        foreach (var name in (string[])["retort", "torchsharp", "dotnet"])
        {
            var (there, own) = (begun.Versions.GetValueOrDefault(name), here.Versions.GetValueOrDefault(name));
            if (there != own) throw new InvalidOperationException(
                $"{path} was begun with {name} {there}, and this machine has {own}: "
                + "all machines of a run must have the same versions.");
        }
    }

    /// <summary>The first place where two recipes differ, as a sentence.</summary>
    static string? Difference(JsonNode? there, JsonNode? here, string path)
    {
        if (there is not JsonObject before || here is not JsonObject after)
            return JsonNode.DeepEquals(there, here) ? null
                : $"{path} is {there?.ToJsonString() ?? "not set"} there and {here?.ToJsonString() ?? "not set"} here";
        return before.Select(pair => pair.Key).Union(after.Select(pair => pair.Key))
            .Select(key => Difference(before[key], after[key], path.Length == 0 ? key : $"{path}.{key}"))
            .FirstOrDefault(found => found is not null);
    }
}
