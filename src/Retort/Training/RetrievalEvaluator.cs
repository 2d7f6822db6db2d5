using Retort.Runtime.Knowledge;
using static TorchSharp.torch;

namespace Retort.Training;

/// <summary>Computes the predictions of a student with its knowledge base.</summary>
static class RetrievalEvaluator
{
    /// <summary>What a student needs to have for it.</summary>
    public static OutputSet Required => Output.Logits | Output.Embedding;

    /// <summary>The logits with retrieval on every example: <see cref="Retrieval.Logits"/>.</summary>
    /// <param name="network">The student.</param>
    /// <param name="knowledge">Its base.</param>
    /// <param name="data">The examples.</param>
    /// <param name="device">The student's device.</param>
    /// <param name="leaveOneOut">Whether the examples are those of the base, so that none retrieves itself.</param>
    public static Predictions Predict(Network network, KnowledgeBase knowledge, IDataSplit data, Device? device = null,
        bool leaveOneOut = false)
    {
        var found = Evaluator.Predict(network, data, Required, device);
        return With(knowledge, found[Output.Logits], found[Output.Embedding], leaveOneOut);
    }

    /// <summary>The same from the student's outputs.</summary>
    public static Predictions With(
        KnowledgeBase knowledge, Predictions logits, Predictions embeddings, bool leaveOneOut = false) => new()
    {
        Output = logits.Output,
        Values = Retrieval.Logits(
            knowledge, logits.Values, embeddings.Values, leaveOneOut ? logits.Ids : null),
        Width = logits.Width,
        Labels = logits.Labels,
        Targets = logits.Targets,
        Ids = logits.Ids,
    };
}
