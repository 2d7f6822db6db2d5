namespace Retort.Studies.Fidelity;

/// <summary>One arm of a claim's grid.</summary>
/// <param name="Name">Its name in tables, unique within the claim.</param>
/// <param name="X">The number that is varied, where it is one; otherwise the arm's index in the grid.</param>
/// <param name="Student">Makes the student of a seed.</param>
sealed record Arm(string Name, double X, Func<int, StudyNetwork> Student);
