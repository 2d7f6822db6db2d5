namespace Retort.Runs;

/// <summary>Writes the outputs of the teacher into its cache.</summary>
sealed record CacheJob : Job
{
    /// <summary>The job of the teacher.</summary>
    public required string Teacher { get; init; }
}
