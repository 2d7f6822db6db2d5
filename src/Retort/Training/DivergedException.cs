namespace Retort.Training;

/// <summary>A training whose loss or weights are no longer finite; the message names the step and the term.</summary>
public sealed class DivergedException(string message) : InvalidOperationException(message);
