using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Retort.Report;
using Retort.Runs;

namespace Retort.Fire;

/// <summary>What must come out the same, however often the work was stopped.</summary>
static class Outcome
{
    static readonly string[] ByClock = ["seconds", "waitShare"];

    /// <summary>Every file of a run that must come out the same, by name; metrics without what a clock said.</summary>
    public static IReadOnlyDictionary<string, string> OfRun(string run) => Files(run)
        .Where(path => Path.GetFileName(path) is "metrics.jsonl" or "config.json" or "search.json" or "run.json"
            || path.EndsWith(".safetensors", StringComparison.Ordinal))
        .ToDictionary(path => Path.GetRelativePath(run, path), path => Path.GetFileName(path) == "metrics.jsonl"
            ? string.Join('\n', Epochs(Path.GetDirectoryName(path)!)) : Hash(path));

    /// <summary>
    /// What nobody needs any more once a run has ended well: drafts, and checkpoints of parts that are done.
    /// </summary>
    public static IReadOnlyList<string> LeftIn(string run) =>
    [
        .. Directory.EnumerateFileSystemEntries(run, "*.draft", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(run, "checkpoint.safetensors", SearchOption.AllDirectories)
                .Where(path => File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "config.json"))))
            .Order(StringComparer.Ordinal).Select(path => $"{Path.GetRelativePath(run, path)} was left behind"),
    ];

    /// <summary>A cache's folder, whatever its name: shards, stored batch and card.</summary>
    public static IReadOnlyDictionary<string, string> OfCache(string folder) => Files(folder)
        .ToDictionary(path => Path.GetFileName(path), Hash);

    /// <summary>
    /// An exported folder: what no clock had a hand in; its <c>config.json</c> and card state
    /// latencies, so of them the names.
    /// </summary>
    public static IReadOnlyDictionary<string, string> OfStudent(string folder) => Files(folder)
        .ToDictionary(
            path => Path.GetFileName(path),
            path => Path.GetFileName(path) is "config.json" or "README.md" or "recipe.json" ? "there" : Hash(path));

    /// <summary>The files that are in one alone, or differ.</summary>
    public static IReadOnlyList<string> Difference(
        IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> found) =>
    [
        .. expected.Keys.Except(found.Keys).Select(name => $"{name} is missing"),
        .. found.Keys.Except(expected.Keys).Select(name => $"{name} is too many"),
        .. expected.Where(pair => found.TryGetValue(pair.Key, out var other) && other != pair.Value)
            .Select(pair => $"{pair.Key} differs"),
    ];

    /// <summary>The files of an exported folder that are not those its <c>config.json</c> has the hashes of.</summary>
    public static IReadOnlyList<string> Broken(string student)
    {
        var config = Path.Combine(student, "config.json");
        if (!File.Exists(config)) return ["config.json is missing"];
        var hashes = JsonNode.Parse(File.ReadAllText(config))!["files"]!.AsObject().ToDictionary(
            pair => pair.Key, pair => (string)pair.Value!);
        return Difference(hashes, Files(student).Where(path => Path.GetFileName(path) != "config.json")
            .ToDictionary(path => Path.GetFileName(path), Hash));
    }

    /// <summary>The epochs as they stand in a network's folder, without what a clock said.</summary>
    public static IReadOnlyList<string> Epochs(string folder) =>
    [
        .. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line =>
        {
            var epoch = JsonNode.Parse(line)!.AsObject();
            foreach (var key in epoch.ContainsKey("loss") ? ByClock : [])    // only a procedure's loop has no loss
                if (!epoch.Remove(key)) throw new InvalidDataException($"An epoch in {folder} has no {key}.");
            return epoch.ToJsonString();
        }),
    ];

    static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);

    static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
