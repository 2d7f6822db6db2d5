namespace Retort.Runs;

/// <summary>The work of a child process: it runs the jobs that its parent names.</summary>
static class ChildJobs
{
    /// <summary>Locks and runs one job after another.</summary>
    /// <param name="runner">Runs the jobs.</param>
    /// <param name="plan">All jobs of the run.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="names">The names of the jobs to run.</param>
    /// <param name="ended">Called after each job: whether it was done here, or else is held by another process.</param>
    /// <param name="token">Stops the work; what was done is saved.</param>
    public static void Run(IJobRunner runner, IReadOnlyList<Job> plan, string run, IEnumerable<string> names,
        Action<bool> ended, CancellationToken token)
    {
        foreach (var name in names)
        {
            var job = plan.FirstOrDefault(job => job.Name == name)
                ?? throw new ArgumentException($"This run has no job '{name}'.", nameof(names));
            using var held = JobLock.TryTake(job, run);
            if (held is not null && !job.IsDone(run)) runner.Run(job, token);
            ended(held is not null);
        }
    }
}
