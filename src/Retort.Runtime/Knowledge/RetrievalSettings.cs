namespace Retort.Runtime.Knowledge;

/// <summary>How a student answers with its knowledge base; the base's file has them.</summary>
/// <param name="Neighbors">k: how many rows are retrieved; of a base with fewer rows, all.</param>
/// <param name="Weight">β: the weight of the retrieved soft label; the student's own probabilities get the rest.</param>
/// <param name="Temperature">τ: similarities are divided by it before the softmax over the retrieved rows.</param>
public sealed record RetrievalSettings(int Neighbors, double Weight, double Temperature)
{
    /// <summary>Why they cannot be used; null where they can.</summary>
    internal string? Defect =>
        Neighbors < 1 ? Invariant($"neighbors must be at least 1; it is {Neighbors}")
        : !(Weight >= 0 && Weight <= 1) ? Invariant($"the weight must be from 0 to 1; it is {Weight}")
        : !(Temperature > 0 && double.IsFinite(Temperature))
            ? Invariant($"the temperature must be above 0; it is {Temperature}")
        : null;
}
