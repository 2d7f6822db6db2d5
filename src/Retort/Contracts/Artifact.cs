namespace Retort.Contracts;

/// <summary>A file or folder that a job or procedure writes.</summary>
/// <param name="Name">Its path, relative to the job's folder.</param>
/// <param name="Kind">What it is.</param>
public sealed record Artifact(string Name, ArtifactKind Kind);
