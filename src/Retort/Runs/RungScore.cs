namespace Retort.Runs;

/// <summary>The score of a trial after a rung: its best on validation so far, as the mean over the seeds.</summary>
/// <param name="Epochs">The epochs since its start.</param>
/// <param name="Score">The task's primary score; null where the loss of a run stopped being finite.</param>
/// <param name="TieBreaker">The task's tie-breaker; null where it has none.</param>
/// <param name="SeedScores">The primary score of each seed; none where the loss of a run stopped being finite.</param>
public sealed record RungScore(int Epochs, double? Score, double? TieBreaker, IReadOnlyList<double> SeedScores);
