namespace Retort.Runs;

/// <summary>Runs jobs in this process, one at a time.</summary>
interface IJobRunner
{
    /// <summary>Runs a job whose needs are done and whose lock is held, or continues it.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is saved.</exception>
    void Run(Job job, CancellationToken token);
}
