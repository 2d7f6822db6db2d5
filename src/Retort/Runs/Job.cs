namespace Retort.Runs;

/// <summary>One job of a run. It is done when its manifest exists, which is written last.</summary>
public abstract record Job
{
    /// <summary>
    /// Its name, unique in the plan: <c>teacher</c>, <c>student-seed1</c>, <c>search/student-001-seed1001@3</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Its folder, relative to the run's; several jobs may share one.</summary>
    public required string Folder { get; init; }

    /// <summary>The manifest, relative to the run's folder.</summary>
    public required string Manifest { get; init; }

    /// <summary>The names of the jobs that must be done before.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>What it writes into its folder.</summary>
    public IReadOnlyList<Artifact> Artifacts { get; init; } = [];

    /// <summary>Whether it needs the whole machine, because it uses all threads or measures time.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>Whether the manifest exists.</summary>
    public bool IsDone(string run) => File.Exists(Path.Combine(run, Manifest));
}
