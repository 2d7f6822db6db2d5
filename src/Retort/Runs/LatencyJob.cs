namespace Retort.Runs;

/// <summary>Measures how long a network takes for one example.</summary>
sealed record LatencyJob : Job
{
    /// <summary>The job of the network.</summary>
    public required string Network { get; init; }
}
