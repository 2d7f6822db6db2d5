namespace Retort.Training;

/// <summary>A network's <c>latency.json</c>: the raw samples.</summary>
/// <param name="Engine">What ran it, in words.</param>
/// <param name="Batch">Examples a call.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <param name="Milliseconds">One a call, after warm-up, in order.</param>
public sealed record LatencySamples(string Engine, int Batch, int Threads, IReadOnlyList<double> Milliseconds);
