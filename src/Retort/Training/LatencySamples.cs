namespace Retort.Training;

/// <summary>A network's <c>latency.json</c>: the measured times.</summary>
/// <param name="Engine">What ran the network, in words.</param>
/// <param name="Batch">Examples in a call.</param>
/// <param name="Threads">Intra-op threads.</param>
/// <param name="Milliseconds">The time of each call after warm-up, in order.</param>
public sealed record LatencySamples(string Engine, int Batch, int Threads, IReadOnlyList<double> Milliseconds);
