namespace Retort.Runs;

/// <summary>One piece of work of a run. It is done when its manifest is there, which is written last.</summary>
public abstract record Job
{
    /// <summary>Its name, unique in the plan: <c>teacher</c>, <c>student-seed1</c>, <c>search/student-001-seed1001@3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder, relative to the run's; several jobs may share one.</summary>
    public required string Folder { get; init; }

    /// <summary>The manifest, relative to the run's folder.</summary>
    public required string Manifest { get; init; }

    /// <summary>Names of the jobs that must be done before.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>What it leaves in its folder.</summary>
    public IReadOnlyList<Artifact> Leaves { get; init; } = [];

    /// <summary>Whether it needs the whole machine: it uses all threads, or measures time.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsDone(string run) => File.Exists(Path.Combine(run, Manifest));
}

/// <summary>A job whose folder is its own: the lock is the folder's, and drafts of a killed process are removed.</summary>
public abstract record NetworkFolderJob : Job;

/// <summary>Carries out jobs in this process, one at a time.</summary>
interface IJobRunner
{
    /// <summary>Does a job whose needs are done and whose lock is taken, or goes on with it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is saved.</exception>
    void Run(Job job, CancellationToken token);
}
