using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Retort.Runs;
using Retort.Tensors.Files;

namespace Retort.Fire;

/// <summary>What lies in a folder at one moment, when nobody is at work in it.</summary>
sealed class Disk
{
    readonly SortedSet<string> _finished = new(StringComparer.Ordinal);    // files that never go away again
    readonly SortedDictionary<string, long> _steps = new(StringComparer.Ordinal);   // of the checkpoints, by folder
    readonly List<string> _drafts = [], _claims = [], _damaged = [];
    readonly string _root;

    Disk(string root) => _root = root;

    /// <summary>Parts that are done, and shards: relative paths.</summary>
    public IReadOnlySet<string> Finished => _finished;

    /// <summary>Steps done, by the folder of the checkpoint.</summary>
    public IReadOnlyDictionary<string, long> Steps => _steps;

    /// <summary>Files and folders that were not yet renamed.</summary>
    public IReadOnlyList<string> Drafts => _drafts;

    /// <summary>Claims of shards.</summary>
    public IReadOnlyList<string> Claims => _claims;

    public int Shards => _finished.Count(name => name.EndsWith(".shard", StringComparison.Ordinal));

    public bool HasCheckpoint =>
        _steps.Count > 0 || _finished.Any(name => name.EndsWith("config.json", StringComparison.Ordinal));

    /// <summary>Reads all that is there. What has no draft's name must be whole.</summary>
    public static Disk Read(string root)
    {
        var disk = new Disk(root);
        if (!Directory.Exists(root)) return disk;
        disk._drafts.AddRange(
            Directory.EnumerateDirectories(root, "*.draft", SearchOption.AllDirectories).Select(disk.Name));
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
            disk.Add(path);
        return disk;
    }

    /// <summary>What was there and is not, or what is not whole; null where nothing was lost.</summary>
    public string? Lost(Disk before)
    {
        if (_damaged.Count > 0) return _damaged[0];
        if (before._finished.FirstOrDefault(name => !_finished.Contains(name)) is { } gone) return $"{gone} is gone";
        foreach (var (folder, step) in before._steps)
            if (!_finished.Contains(Path.Combine(folder, "config.json"))
                && !(_steps.TryGetValue(folder, out var now) && now >= step))
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"the checkpoint in {folder} was of step {step}, and is of "
                    + $"{(_steps.TryGetValue(folder, out now) ? now : 0)}");
        return null;
    }

    /// <summary>In words, for a log.</summary>
    public override string ToString()
    {
        var parts = _finished.Where(name => name.EndsWith("config.json", StringComparison.Ordinal))
            .Select(name => Path.GetFileName(Path.GetDirectoryName(name)!))
            .ToList();
        List<string> words = [];
        if (parts.Count > 0) words.Add($"done: {string.Join(' ', parts)}");
        words.AddRange(
            _steps.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} at step {pair.Value}")));
        if (Shards > 0) words.Add(string.Create(CultureInfo.InvariantCulture, $"{Shards} shards"));
        words.AddRange(_claims.Select(claim => $"claimed: {Path.GetFileName(claim)}"));
        words.AddRange(_drafts.Select(Draft));
        return words.Count > 0 ? string.Join("; ", words) : "nothing to go on from";
    }

    /// <summary>A draft and how far it was.</summary>
    public string Draft(string name)
    {
        var path = Path.Combine(_root, name);
        if (Directory.Exists(path)) return string.Create(
            CultureInfo.InvariantCulture,
            $"draft folder {Path.GetFileName(name)} with "
            + $"{Directory.GetFiles(path).Count(file => Path.GetFileName(file) != "lock")} files");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"draft {name}, {new FileInfo(path).Length} bytes{(IsWhole(path) ? ", whole" : "")}");
    }

    /// <summary>Whether a draft lacks nothing but its name.</summary>
    public bool IsWholeDraft(string name) =>
        Path.Combine(_root, name) is var path && File.Exists(path) && IsWhole(path);

    void Add(string path)
    {
        var name = Name(path);
        if (name.EndsWith(".draft", StringComparison.Ordinal)) _drafts.Add(name);
        else if (name.EndsWith(".claim", StringComparison.Ordinal)) _claims.Add(name);
        // in a draft folder
        else if (_drafts.Any(draft => name.StartsWith(draft + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            return;
        else if (name.EndsWith(".shard", StringComparison.Ordinal)
            || Path.GetFileName(name) == "config.json"
            || name.EndsWith("results.json", StringComparison.Ordinal))
            _finished.Add(name);
        if (Problem(path) is { } problem) _damaged.Add($"{name} is damaged: {problem}");
        else if (Path.GetFileName(name) == "checkpoint.safetensors") _steps[Path.GetDirectoryName(name)!] = Step(path);
    }

    string Name(string path) => Path.GetRelativePath(_root, path);

    static bool IsWhole(string draft)
    {
        var name = Path.GetFileName(draft);
        if (new FileInfo(draft).Length == 0) return false;
        if (name.Contains(".safetensors.", StringComparison.Ordinal)) return Refusal(() => Tensors(draft)) is null;
        return name.Contains(".json.", StringComparison.Ordinal)
            && Refusal(() => JsonNode.Parse(File.ReadAllText(draft))) is null;
    }

    // drafts may be anything; all else is whole
    static string? Problem(string path) => Path.GetExtension(path) switch
    {
        ".safetensors" => Refusal(() => Tensors(path)),
        ".json" => Refusal(() => JsonNode.Parse(File.ReadAllText(path))),
        _ => null,
    };

    static string? Refusal(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or IOException)
        {
            return error.Message;
        }
    }

    static IReadOnlyDictionary<string, string> Tensors(string path)
    {
        using var scope = torch.NewDisposeScope();
        return SafeTensors.ReadAll(path).Metadata;
    }

    static long Step(string checkpoint) => (long)JsonNode.Parse(Tensors(checkpoint)["place"])!["step"]!;
}
