using Retort.Tensors.Files;

namespace Retort.Runs;

/// <summary>The lock of a job. It ends with the process, however the process ends.</summary>
sealed class JobLock : IDisposable
{
    readonly IDisposable _lock;

    JobLock(IDisposable acquired) => _lock = acquired;

    /// <summary>Takes the lock; null where another process holds it.</summary>
    public static JobLock? TryTake(Job job, string run)
    {
        if (job is NetworkFolderJob)
            return FolderLock.TryTake(Path.Combine(run, job.Folder), leave: false) is { } folder ? new(folder) : null;

        var path = Path.Combine(run, job.Manifest + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return LockFile.TryAcquire(path, keepFile: false) is { } file ? new(file) : null;
    }

    public void Dispose() => _lock.Dispose();
}
