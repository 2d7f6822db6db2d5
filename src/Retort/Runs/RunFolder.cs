using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Retort.Recipes;
using Retort.Tensors.Files;
using Retort.Training;

namespace Retort.Runs;

/// <summary>The folder of a run that this process has locked, to begin the run or to continue it.</summary>
public sealed partial class RunFolder : IDisposable
{
    const string InfoName = "run.json";

    readonly FolderLock _lock;

    RunFolder(string path, FolderLock acquired)
    {
        Path = path;
        _lock = acquired;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Refuses, before anything is read or written, a folder with a finished run or with something else; the message
    /// names the command to use.
    /// </summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="command">The command that starts this run, without <c>--out</c> and <c>--resume</c>.</param>
    public static void Check(string path, string command)
    {
        if (File.Exists(path)) throw new InvalidOperationException(
            $"{path} is a file; a run needs a folder: `{command} --out {path}-run`.");
        if (!Directory.Exists(path)) return;

        if (File.Exists(In(path, "results.json"))) throw new InvalidOperationException(
            $"{path} holds a finished run: `retort report {path}` makes its report again, "
            + $"`{command} --out {path}-2` a new run.");
        if (File.Exists(In(path, InfoName))) return;                        // CheckSame tells whether it is this run

        if (Directory.EnumerateFileSystemEntries(path).Any(entry => !IsOfStart(System.IO.Path.GetFileName(entry))))
            throw new InvalidOperationException(
                $"{path} is not empty and holds no run: choose a new folder, `{command} --out {path}-2`.");
    }

    /// <summary>
    /// Removes what killed processes left: temporary files, and checkpoints of networks that are done.
    /// </summary>
    internal static void RemoveLeftovers(string path)
    {
        string[] folders = ["networks", "search"];
        foreach (var folder in folders.Select(name => In(path, name)).Where(Directory.Exists))
        {
            foreach (var draft in Directory.GetFiles(folder, "*.draft", SearchOption.AllDirectories))
                File.Delete(draft);
            foreach (var checkpoint in Directory.GetFiles(folder, Checkpoint.FileName, SearchOption.AllDirectories))
                if (SavedNetwork.IsIn(System.IO.Path.GetDirectoryName(checkpoint)!)) File.Delete(checkpoint);
        }
    }

    /// <summary>
    /// Locks the folder for this process and writes <c>recipe.json</c> and <c>run.json</c>, or checks that they are of
    /// this run.
    /// </summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="info">What the run is made from.</param>
    /// <param name="recipe">The recipe as a file of this folder.</param>
    /// <param name="resume">Whether to continue an unfinished run; where there is none, one is begun.</param>
    /// <param name="command">The command that starts this run, without <c>--out</c> and <c>--resume</c>.</param>
    public static RunFolder Begin(string path, RunInfo info, string recipe, bool resume, string command)
    {
        Check(path, command);
        return Begin(FolderLock.Take(path), path, info, recipe, resume, command);
    }

    /// <summary>
    /// Locks the folder and begins or continues the run; null where another process works in the folder.
    /// </summary>
    /// <inheritdoc cref="Begin(string, RunInfo, string, bool, string)"/>
    public static RunFolder? TryBegin(string path, RunInfo info, string recipe, string command)
    {
        Check(path, command);
        return FolderLock.TryTakePatiently(path) is { } acquired
            ? Begin(acquired, path, info, recipe, resume: true, command)
            : null;
    }

    static RunFolder Begin(
        FolderLock acquired, string path, RunInfo info, string recipe, bool resume, string command)
    {
        var folder = new RunFolder(path, acquired);
        try
        {
            Check(path, command);                                          // another process may have just finished it
            if (InfoIn(path) is not { } begun || !HasWork(path))
            {
                AtomicFile.Write(In(path, "recipe.json"), recipe + "\n");
                AtomicFile.Write(In(path, InfoName), JsonSerializer.Serialize(info, Json.Indented) + "\n");
                return folder;
            }
            CheckSame(path, begun, info, command);
            if (!resume) throw new InvalidOperationException(
                $"{path} holds an unfinished run: `{command} --out {path} --resume` continues it, "
                + $"`{command} --out {path}-2` begins a new one.");
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The <c>run.json</c> of a folder; null where there is none.</summary>
    public static RunInfo? InfoIn(string path) =>
        File.Exists(In(path, InfoName)) ? JsonFile.Read<RunInfo>(In(path, InfoName), "a run") : null;

    /// <summary>The exception of a cancelled run whose state is saved; the message says how to continue it.</summary>
    internal static OperationCanceledException Stopped(string path, string command, CancellationToken token) => new(
        $"Stopped; what is done is kept in {path}, and `{command} --out {path} --resume` continues from there.", token);

    public void Dispose() => _lock.Dispose();

    /// <summary>Refuses a run with other seeds, recipe, data, device, number of threads or code.</summary>
    internal static void CheckSame(string path, RunInfo begun, RunInfo info, string command)
    {
        if (begun.Seeds.Count is var count && count != info.Seeds.Count) throw new InvalidOperationException(
            $"{path} was begun with {count} seed{(count == 1 ? "" : "s")} and cannot be continued with "
            + $"{info.Seeds.Count}: `{command} --out {path}-2` begins a new run.");
        if (begun.RecipeHash != info.RecipeHash) throw Other("another recipe",
            Difference(begun.Recipe, info.Recipe, "") ?? Change("its hash", begun.RecipeHash, info.RecipeHash));
        if (begun.DataHash != info.DataHash)
            throw Other("other data", Change("its hash", begun.DataHash, info.DataHash));
        if (begun.Device != info.Device) throw Other("another device", Change("--device", begun.Device, info.Device));
        if (begun.Threads != info.Threads) throw new InvalidOperationException(
            $"{path} was begun with {begun.Threads} threads, and {info.Threads} would change the last bits: "
            + $"`{ThreadsOption().Replace(command, "")} --out {path} --resume --threads {begun.Threads}` "
            + "continues it.");

        var engine = begun.Versions.GetValueOrDefault("torchsharp");
        var engineHere = info.Versions.GetValueOrDefault("torchsharp");
        if (engine != engineHere)
            throw Other("another engine", $"TorchSharp was {engine} there and is {engineHere} here");

        foreach (var (file, hash) in begun.Extensions ?? new Dictionary<string, string>())
            if (info.Extensions?.GetValueOrDefault(file) is var here && here != hash)
                throw Other($"other code in {file}", Change("its SHA-256", hash, here ?? "not loaded"));

        InvalidOperationException Other(string what, string difference) => new(
            $"{path} holds an unfinished run of {what}: {difference}. Begin a new run: `{command} --out {path}-2`.");

        static string Change(string what, string? there, string? here) => $"{what} is {there} there and {here} here";
    }

    /// <summary>Refuses a folder with a run of another recipe; a folder without a run is valid.</summary>
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

    /// <summary>The first difference of two recipes, as a sentence.</summary>
    static string? Difference(JsonNode? there, JsonNode? here, string path)
    {
        if (there is not JsonObject before || here is not JsonObject after)
            return JsonNode.DeepEquals(there, here) ? null
                : $"{path} is {there?.ToJsonString() ?? "not set"} there and {here?.ToJsonString() ?? "not set"} here";

        return before.Select(pair => pair.Key).Union(after.Select(pair => pair.Key))
            .Select(key => Difference(before[key], after[key], path.Length == 0 ? key : $"{path}.{key}"))
            .FirstOrDefault(difference => difference is not null);
    }

    [GeneratedRegex(@" --threads \d+")]
    private static partial Regex ThreadsOption();

    // a run that failed before its first training did nothing that a new one could lose
    static bool HasWork(string path) => Directory.EnumerateFileSystemEntries(path)
        .Select(entry => System.IO.Path.GetFileName(entry))
        .Any(name => name != InfoName && name != "networks" && !IsOfStart(name))
        || Directory.Exists(In(path, "networks"))
        && Directory.EnumerateFiles(In(path, "networks"), "*", SearchOption.AllDirectories).Any();

    // files of a process that was killed before it wrote run.json
    static bool IsOfStart(string name) =>
        name is "lock" or "recipe.json" || name.EndsWith(".draft", StringComparison.Ordinal);

    static string In(string folder, string name) => System.IO.Path.Combine(folder, name);
}
