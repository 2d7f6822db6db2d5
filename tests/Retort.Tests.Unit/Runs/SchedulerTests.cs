using Retort.Runs;
using Retort.Tests.Contract;

namespace Retort.Tests.Runs;

public sealed class SchedulerTests
{
    sealed record Piece : Job;

    // writes the manifest of each job it is given
    sealed class Runner(string run, Action<Job>? before = null) : IJobRunner
    {
        public List<string> Done { get; } = [];

        public void Run(Job job, CancellationToken token)
        {
            before?.Invoke(job);
            File.WriteAllText(Path.Combine(run, job.Manifest), "");
            Done.Add(job.Name);
        }
    }

    static Piece Job(string name, params string[] needs) =>
        new() { Name = name, Folder = "", Manifest = $"{name}.json", Needs = needs };

    static readonly Job[] Jobs = [Job("last", "first", "second"), Job("first"), Job("second", "first")];

    [Fact]
    public void Needs_come_first_then_the_plans_order()
    {
        var run = Few.Folder();
        var runner = new Runner(run);
        new Scheduler(run, Jobs, runner).Run(default);
        Assert.Equal(["first", "second", "last"], runner.Done);
    }

    [Fact]
    public void What_is_done_is_not_done_again()
    {
        var run = Few.Folder();
        File.WriteAllText(Path.Combine(run, "first.json"), "");
        var runner = new Runner(run);
        new Scheduler(run, Jobs, runner).Run(default);
        Assert.Equal(["second", "last"], runner.Done);
    }

    [Fact]
    public void Two_schedulers_share_the_jobs_and_both_end()
    {
        var run = Few.Folder();
        Job[] jobs =
        [
            .. Enumerable.Range(0, 20).Select(i => Job($"job{i:00}")),
            Job("end", [.. Enumerable.Range(0, 20).Select(i => $"job{i:00}")]),
        ];
        var runners = Enumerable.Range(0, 2).Select(_ => new Runner(run, _ => Thread.Sleep(2))).ToArray();
        Parallel.ForEach(runners, runner => new Scheduler(run, jobs, runner).Run(default));
        Assert.Equal(jobs.Select(job => job.Name).Order(), runners.SelectMany(runner => runner.Done).Order());
    }

    [Fact]
    public void A_failure_ends_the_run_and_what_was_done_stays()
    {
        var run = Few.Folder();
        var runner = new Runner(
            run, job => { if (job.Name == "second") throw new InvalidOperationException("broken"); });
        Assert.Throws<InvalidOperationException>(() => new Scheduler(run, Jobs, runner).Run(default));
        Assert.True(Jobs[1].IsDone(run));
        Assert.False(Jobs[2].IsDone(run));
    }

    [Fact]
    public void Cancelled_it_starts_nothing_more()
    {
        var run = Few.Folder();
        using var stop = new CancellationTokenSource();
        var runner = new Runner(run, _ => stop.Cancel());
        Assert.Throws<OperationCanceledException>(() => new Scheduler(run, Jobs, runner).Run(stop.Token));
        Assert.Equal(["first"], runner.Done);
    }

    [Fact]
    public void A_job_that_another_process_holds_is_waited_for_and_reported()
    {
        var run = Few.Folder();
        var notes = new List<string>();
        var held = JobLock.TryTake(Jobs[1], run)!;
        var scheduler = new Scheduler(run, Jobs, new Runner(run))
        {
            Progress = new Heard(progress =>
            {
                notes.Add(progress.Note!);
                held.Dispose();                        // the other process lets go
            }),
        };
        scheduler.Run(default);
        Assert.Contains("Another process works on first", Assert.Single(notes), StringComparison.Ordinal);
    }

    sealed class Heard(Action<Retort.Training.TrainingProgress> heard) : IProgress<Retort.Training.TrainingProgress>
    {
        public void Report(Retort.Training.TrainingProgress value) => heard(value);
    }
}
