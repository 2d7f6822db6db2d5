using System.Diagnostics;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Carries out the jobs of a plan: those whose needs are done, in the plan's order, several side by side in child
/// processes. Other processes may work on the same run folder: a job belongs to whoever holds its folder's lock, and what
/// another process does is waited for.
/// </summary>
sealed class Scheduler(string run, IReadOnlyList<Job> jobs, IJobRunner runner)
{
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Jobs side by side, at most.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>How a child process is started; null: no children, one job after another in this process.</summary>
    public Func<string, ProcessStartInfo>? Child { get; init; }

    /// <summary>Hears of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Runs until all jobs are done. The first failure stops the others and is thrown.</summary>
    public void Run(CancellationToken token)
    {
        using var children = Child is null || Parallel == 1 ? null
            : new ChildProcesses(Child(run), Parallel, Progress, token);
        var told = false;
        while (Open() is { Count: > 0 } open)
        {
            token.ThrowIfCancellationRequested();
            children?.ThrowFailure(token);
            var ready = open.Where(IsReady).ToList();
            if (Started(ready, children, token)) continue;

            if (children is { Count: > 0 }) children.WaitForOne(Poll);
            else
            {
                if (!told) Progress?.Report(new("run", 0, 1, 0, 0, double.NaN, null)
                {
                    Note = $"Another process works on {string.Join(", ", ready.Select(job => job.Name))}: "
                        + "this one waits until that is done.",
                });
                told = true;
                token.WaitHandle.WaitOne(Poll);
            }
        }
        children?.Finish(token);
    }

    List<Job> Open() => [.. jobs.Where(job => !job.IsDone(run))];

    bool IsReady(Job job) => job.Needs.All(name => jobs.First(other => other.Name == name).IsDone(run));

    // whether anything was started or done
    bool Started(List<Job> ready, ChildProcesses? children, CancellationToken token)
    {
        // one job alone needs no child; what needs the machine for itself waits for the children
        foreach (var job in ready)
        {
            if (children is not null && children.IsBusy(job.Name)) continue;

            var alone = children is null || job.IsExclusive || ready.Count == 1 && children.Count == 0;
            if (!alone)
            {
                if (!children!.HasRoom) return false;

                children.Start(job.Name);
                return true;
            }
            if (children is { Count: > 0 }) return false;
            using var taken = JobLock.TryTake(job, run);
            if (taken is null) continue;

            if (!job.IsDone(run)) runner.Run(job, token);
            return true;
        }
        return false;
    }
}
