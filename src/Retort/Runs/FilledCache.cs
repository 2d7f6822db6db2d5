using Retort.Teachers.Cache;

namespace Retort.Runs;

/// <summary>The cache after a writer has written its share.</summary>
/// <param name="Folder">The folder of the shards.</param>
/// <param name="Manifest">What the cache has.</param>
/// <param name="IsWhole">Whether no output is missing; then some of them were compared with the teacher's.</param>
public sealed record FilledCache(string Folder, CacheManifest Manifest, bool IsWhole);
