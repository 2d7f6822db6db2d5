namespace Retort.Runs;

/// <summary>Computes the loss terms on validation of a student that a loss trained, and of its control.</summary>
sealed record TermsJob : Job
{
    /// <summary>The job of the student.</summary>
    public required string Student { get; init; }
}
