using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>A job while this process alone works on it; the lock is free again when the process ends, however it ends.</summary>
sealed class JobLock : IDisposable
{
    readonly IDisposable _held;

    JobLock(IDisposable held) => _held = held;

    /// <summary>Takes a job, or null where another process holds it.</summary>
    public static JobLock? TryTake(Job job, string run)
    {
        if (job is NetworkFolderJob)
            return FolderLock.TryTake(Path.Combine(run, job.Folder), leave: false) is { } folder ? new(folder) : null;

        var path = Path.Combine(run, job.Manifest + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return LockFile.TryAcquire(path, keepFile: false) is { } file ? new(file) : null;
    }

    /// <summary>What a child process does: takes and runs each job that its parent names.</summary>
    public static void RunEach(IJobRunner runner, IReadOnlyList<Job> plan, string run, IEnumerable<string> names,
        Action<bool> ended, CancellationToken token)
    {
        foreach (var name in names)
        {
            var job = plan.FirstOrDefault(job => job.Name == name)
                ?? throw new ArgumentException($"This run has no job '{name}'.", nameof(names));
            using var taken = TryTake(job, run);
            if (taken is not null && !job.IsDone(run)) runner.Run(job, token);
            ended(taken is not null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}
