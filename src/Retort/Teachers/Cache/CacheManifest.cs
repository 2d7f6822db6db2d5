using System.Text.Json;
using Retort.Runs;
using Retort.Runtime;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>A cache as its folder's <c>card.json</c> and a run's <c>cache.json</c> describe it; made anew from the shards.</summary>
public sealed record CacheManifest
{
    static readonly JsonSerializerOptions Indented = new(CacheIdentity.Format) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Whose answers to what.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>How many shards are there.</summary>
    public required int Shards { get; init; }

    /// <summary>Of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>What the codec lost, measured on everything that is there.</summary>
    public required IReadOnlyList<CodecError> Errors { get; init; }

    /// <summary>What was forecast before it was written; null where nothing had to be.</summary>
    public CacheEstimate? Forecast { get; init; }

    /// <summary>Of a folder that has some or all of its shards.</summary>
    public static CacheManifest Of(CacheSpec job)
    {
        using var store = CacheStore.Open(job.Folder, job.Identity, job.Layout());
        return store.Card();
    }

    /// <summary>Writes it whole; where it stands already, nothing.</summary>
    public void Write(string path)
    {
        if (!Stands(path)) AtomicFile.Write(path, Text);
    }

    /// <summary>Writes it beside the shards, where several processes may be at work; in a folder that can only be read it does nothing.</summary>
    internal void WriteBesideShards(string path)
    {
        if (!Stands(path)) CacheFileLock.Write(path, () => Write(path));
    }

    string Text => JsonSerializer.Serialize(this, Indented) + "\n";

    bool Stands(string path) => File.Exists(path) && File.ReadAllText(path) == Text;

    /// <summary>Reads one back.</summary>
    public static CacheManifest Read(string path)
    {
        try
        {
            var found = JsonSerializer.Deserialize<CacheManifest>(File.ReadAllText(path), Indented) ?? throw new InvalidDataException($"{path} must describe a cache; it is null.");
            return found.Errors.All(IsWhole) ? found : throw new InvalidDataException($"{path} does not describe a teacher's cache: each of its errors has a signal and figures that are numbers.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} does not describe a teacher's cache: {error.Message.OnOneLine()}", error);
        }
    }

    static bool IsWhole(CodecError? error) => error is { Output: not null }
        && double.IsFinite(error.Largest + error.LargestKept + error.Mean + error.Kl + error.LargestKl);
}
