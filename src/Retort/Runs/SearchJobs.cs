namespace Retort.Runs;

/// <summary>
/// Compares the trials of the student or of the control after a rung, and selects those that continue.
/// </summary>
sealed record SelectJob : Job
{
    /// <summary>Student or control.</summary>
    public required Role Role { get; init; }

    /// <summary>The rung's index, from 0.</summary>
    public required int Rung { get; init; }
}

/// <summary>Writes <c>search.json</c>: the trials of student and control, and the chosen ones.</summary>
sealed record SearchTableJob : Job;

/// <summary>Copies a trial's teacher; it becomes the run's teacher.</summary>
sealed record ChosenTeacherJob : NetworkFolderJob
{
    /// <summary>
    /// Whether it is the teacher that is best on validation itself, of a tuning; otherwise the best student's.
    /// </summary>
    public bool IsTuned { get; init; }
}
