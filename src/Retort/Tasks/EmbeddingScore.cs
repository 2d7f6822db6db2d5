namespace Retort.Tasks;

/// <summary>The scores that can be primary in an embedding run.</summary>
public enum EmbeddingScore
{
    /// <summary>The mean cosine to the teacher's embedding, which must be as wide as the student's.</summary>
    Cosine,

    /// <summary>The mean squared error to the teacher's embedding, as wide as the student's: lower is better.</summary>
    Mse,

    /// <summary>Linear CKA to the teacher's embedding, of any width.</summary>
    Cka,

    /// <summary>Accuracy of the nearest neighbor by cosine; needs labels.</summary>
    Knn1,

    /// <summary>Accuracy of the twenty nearest neighbors by cosine; needs labels.</summary>
    Knn20,

    /// <summary>Accuracy of a linear classifier on the embedding; needs labels.</summary>
    LinearProbe,

    /// <summary>
    /// Accuracy of clusters that are each mapped to a class of their own on the training split; needs labels.
    /// </summary>
    ClusterAlignment,
}
