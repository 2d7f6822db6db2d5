namespace Retort.Runtime;

/// <summary>A prediction with retrieval.</summary>
/// <param name="Prediction">The most likely class.</param>
/// <param name="Probabilities">Of each class; their sum is 1. [C]</param>
/// <param name="Neighbors">The retrieved rows, the most similar first.</param>
public sealed record RetrievedPrediction(
    Prediction Prediction, float[] Probabilities, IReadOnlyList<RetrievedNeighbor> Neighbors);

/// <summary>A row of the knowledge base that was retrieved for an example.</summary>
/// <param name="Row">Its position in the base, from 0.</param>
/// <param name="Id">The id of its example in the training data.</param>
/// <param name="Similarity">The cosine of the student's embedding and the row's key, from -1 to 1.</param>
/// <param name="Weight">Its share of the retrieved soft label; those of all retrieved rows sum to 1.</param>
/// <param name="Label">The most likely class of its soft label.</param>
/// <param name="Text">Its text; null where the base has none.</param>
public sealed record RetrievedNeighbor(
    int Row, long Id, float Similarity, float Weight, Prediction Label, string? Text);
