namespace Retort.Runs;

/// <summary>The learning rates of control and student that a tuning chose.</summary>
public sealed record TunedRates(double Control, double Student);
