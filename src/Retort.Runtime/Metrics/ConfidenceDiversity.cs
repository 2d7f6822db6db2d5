namespace Retort.Runtime.Metrics;

/// <summary>How much a network's confidence in the label varies between examples.</summary>
/// <param name="Entropy">
/// Differential entropy of the labels' probabilities, in nats, estimated by nearest neighbors. 0 is the maximum, for
/// probabilities spread evenly between 0 and 1; it is negative the more they concentrate.
/// </param>
/// <param name="Variance">Variance of the labels' probabilities, over N.</param>
/// <param name="Histogram">The same entropy from a histogram of 20 bins: between −ln 20 and 0.</param>
/// <param name="Floored">Examples whose neighbor is closer than 1e-12: the distance is taken to be that.</param>
public sealed record ConfidenceDiversity(double Entropy, double Variance, double Histogram, int Floored);
