namespace Retort.Studies.Fidelity;

/// <summary>One student of one arm of a claim, and its control.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Arm">The arm of its grid.</param>
/// <param name="Seed">The pair's seed.</param>
/// <param name="Student">The student's name.</param>
/// <param name="Control">The name of the same arm's student of the next seed.</param>
sealed record PlannedStudent(ClaimOptions Claim, Arm Arm, int Seed, string Student, string Control);
