namespace Retort.Models;

/// <summary>The end of every network: embedding, classifier, and the wanted outputs.</summary>
/// <remarks>A network for data without classes has no classifier and no logits.</remarks>
static class ClassifierOutputs
{
    /// <summary>The classifier, [B, D] → [B, C]; null where the data has no classes.</summary>
    public static Linear? Classifier(long width, DatasetInfo info) =>
        info.Classes.Count == 0 ? null : new(width, info.Classes.Count);

    /// <summary>The outputs of a network with this classifier.</summary>
    public static OutputSet Available(torch.nn.Module<Tensor, Tensor>? classifier) =>
        Output.Embedding | Output.HiddenStates | (classifier is null ? OutputSet.None : Output.Logits);

    /// <summary>
    /// The wanted outputs and no others: embedding and classifier are run only where they are needed.
    /// </summary>
    /// <param name="wanted">The wanted outputs.</param>
    /// <param name="hidden">Each stage's result, in order.</param>
    /// <param name="embed">Computes the vector that feeds the classifier. → [B, D]</param>
    /// <param name="classifier">The classifier, if the network has one.</param>
    public static Outputs To(
        OutputSet wanted, IReadOnlyList<Tensor> hidden, Func<Tensor> embed,
        torch.nn.Module<Tensor, Tensor>? classifier)
    {
        CheckLogits(wanted, classifier);
        var wantsLogits = wanted.Contains(Output.Logits);
        var embedding = wantsLogits || wanted.Contains(Output.Embedding) ? embed() : null;
        return new()
        {
            Logits = wantsLogits ? classifier!.call(embedding!) : null,
            Embedding = wanted.Contains(Output.Embedding) ? embedding : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? hidden : null,
        };
    }

    /// <summary>Refuses to compute logits without a classifier.</summary>
    public static void CheckLogits(OutputSet wanted, torch.nn.Module<Tensor, Tensor>? classifier)
    {
        if (wanted.Contains(Output.Logits) && classifier is null)
            throw new InvalidOperationException("This network has no logits: its data has no classes.");
    }
}
