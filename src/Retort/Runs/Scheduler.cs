using System.Diagnostics;
using Retort.Training;

namespace Retort.Runs;

/// <summary>
/// Runs the jobs of a plan: those whose needs are done, in the plan's order, several side by side in child processes.
/// Other processes may work in the same run folder: a job is locked while it runs, and the scheduler waits for jobs
/// that another process runs.
/// </summary>
sealed class Scheduler(string run, IReadOnlyList<Job> jobs, IJobRunner runner)
{
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>The largest number of jobs side by side.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>How a child process is started; null: no children, one job after another in this process.</summary>
    public Func<string, ProcessStartInfo>? Child { get; init; }

    /// <summary>Receives the progress of steps and epochs.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Runs until all jobs are done. The first failure stops the others and is thrown.</summary>
    public void Run(CancellationToken token)
    {
        using var children = Child is null || Parallel == 1 ? null
            : new ChildProcesses(Child(run), Parallel, Progress, token);
        var reported = false;
        var done = -1;
        while (OpenJobs() is { Count: > 0 } open)
        {
            done = ReportRun(open, done);
            token.ThrowIfCancellationRequested();
            children?.ThrowFailure(token);
            var ready = open.Where(IsReady).ToList();
            if (StartNext(ready, children, token)) continue;

            if (children is { Count: > 0 })
            {
                children.WaitForOne(Poll);
                continue;
            }
            if (!reported) ReportWait(ready);
            reported = true;
            token.WaitHandle.WaitOne(Poll);
        }
        children?.Finish(token);
    }

    List<Job> OpenJobs() => [.. jobs.Where(job => !job.IsDone(run))];

    bool IsReady(Job job) => job.Needs.All(name => jobs.First(other => other.Name == name).IsDone(run));

    // where another number of trainings is done than before; returns that number
    int ReportRun(List<Job> open, int before)
    {
        if (Progress is null) return before;

        var all = jobs.OfType<NetworkJob>().Count(job => job.IsTrained);
        var left = open.OfType<NetworkJob>().Where(job => job.IsTrained).ToList();
        var done = all - left.Count;
        if (done != before && all > 1) Progress.Report(new("run", done, all, 0, 0, double.NaN, null)
        {
            Run = new(done, all, left.CountBy(job => RunProgress.KindOf(job.Name)).ToDictionary()),
        });
        return done;
    }

    void ReportWait(List<Job> ready) => Progress?.Report(new("run", 0, 1, 0, 0, double.NaN, null)
    {
        Note = $"Another process works on {string.Join(", ", ready.Select(job => job.Name))}: "
            + "this one waits until that is done.",
    });

    /// <summary>
    /// Runs the first ready job here, or starts it in a child process; returns whether a job was run or started.
    /// </summary>
    bool StartNext(List<Job> ready, ChildProcesses? children, CancellationToken token)
    {
        foreach (var job in ready)
        {
            if (children is not null && children.IsBusy(job.Name)) continue;

            // a single job needs no child; an exclusive job waits until no child works
            var runsHere = children is null || job.IsExclusive || ready.Count == 1 && children.Count == 0;
            if (!runsHere)
            {
                if (!children!.HasRoom) return false;

                children.Start(job.Name);
                return true;
            }
            if (children is { Count: > 0 }) return false;

            using var held = JobLock.TryTake(job, run);
            if (held is null) continue;

            if (!job.IsDone(run)) runner.Run(job, token);
            return true;
        }
        return false;
    }
}
