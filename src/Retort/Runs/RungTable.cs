namespace Retort.Runs;

/// <summary><c>student-rung1.json</c>: the trials of student or control after a rung.</summary>
/// <param name="Trials">Numbers and scores of the trials of this rung.</param>
/// <param name="Selected">Numbers of those that continue, the best first; after the last rung the best alone.</param>
sealed record RungTable(IReadOnlyList<RungTrial> Trials, IReadOnlyList<int> Selected);

/// <summary>A trial after a rung.</summary>
sealed record RungTrial(int Number, RungScore Score);
