using System.Text.Json;
using Retort.Tensors.Files;

namespace Retort.Teachers.Cache;

/// <summary>
/// A description of a cache, as in its folder's <c>card.json</c> and a run's <c>cache.json</c>. It is made anew from
/// the shards.
/// </summary>
public sealed record CacheManifest
{
    static readonly JsonSerializerOptions Indented = new(CacheIdentity.Format) { WriteIndented = true, NewLine = "\n" };

    /// <summary>What the cache holds.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>How many shards there are.</summary>
    public required int Shards { get; init; }

    /// <summary>Bytes of all shards.</summary>
    public required long Bytes { get; init; }

    /// <summary>The codec's error, measured on everything that was written.</summary>
    public required IReadOnlyList<CodecError> Errors { get; init; }

    /// <summary>The estimate before it was written; null where nothing was missing.</summary>
    public CacheEstimate? Forecast { get; init; }

    string Text => JsonSerializer.Serialize(this, Indented) + "\n";

    /// <summary>Describes a folder that has some or all of its shards.</summary>
    public static CacheManifest Of(CacheSpec spec)
    {
        using var store = CacheStore.Open(spec.Folder, spec.Identity, spec.Layout());
        return store.Describe();
    }

    /// <summary>Writes the file, unless it holds this text already.</summary>
    public void Write(string path)
    {
        if (!IsWritten(path)) AtomicFile.Write(path, Text);
    }

    /// <summary>
    /// Writes the file beside the shards, where several processes may write at once; in a read-only folder it does
    /// nothing.
    /// </summary>
    internal void WriteBesideShards(string path)
    {
        if (!IsWritten(path)) CacheFileLock.Write(path, () => Write(path));
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It does not describe a cache.</exception>
    public static CacheManifest Read(string path)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<CacheManifest>(JsonFile.ReadText(path), Indented)
                ?? throw new InvalidDataException($"{path} must describe a cache; it is null.");
            if (!manifest.Identity.IsWhole) throw new JsonException("a list in it has null.");
            return manifest.Errors.All(IsFinite) ? manifest : throw new InvalidDataException(
                $"{path} does not describe a teacher's cache: each error must have an output and finite numbers.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{path} does not describe a teacher's cache: {error.Message.OnOneLine()}", error);
        }
    }

    bool IsWritten(string path) => File.Exists(path) && JsonFile.ReadText(path) == Text;

    static bool IsFinite(CodecError? error) => error is { Output: not null }
        && double.IsFinite(error.Largest + error.LargestKept + error.Mean + error.Kl + error.LargestKl);
}
