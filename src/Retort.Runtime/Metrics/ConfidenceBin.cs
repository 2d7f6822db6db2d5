namespace Retort.Runtime.Metrics;

/// <summary>Predictions whose confidence is in (Low, High].</summary>
/// <param name="Low">Excluded.</param>
/// <param name="High">Included.</param>
/// <param name="Count">How many predictions.</param>
/// <param name="Accuracy">The share of correct ones; 0 if there are none.</param>
/// <param name="Confidence">Their mean confidence; 0 if there are none.</param>
public sealed record ConfidenceBin(double Low, double High, int Count, double Accuracy, double Confidence);
