namespace Retort.Contracts;

/// <summary>Kinds of artifacts.</summary>
public enum ArtifactKind
{
    /// <summary>A network: weights and <c>config.json</c>.</summary>
    Network,

    /// <summary>Predictions on validation and test.</summary>
    Predictions,

    /// <summary>A cache of a teacher's outputs.</summary>
    Cache,

    /// <summary>
    /// A knowledge base that the student retrieves from: all predictions of the student are made with it.
    /// </summary>
    KnowledgeBase,

    /// <summary>A data set.</summary>
    Dataset,

    /// <summary>A policy.</summary>
    Policy,

    /// <summary>A table of numbers: the trials and the choice of a search, latencies, measurements.</summary>
    Table,
}
