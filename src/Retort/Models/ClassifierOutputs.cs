namespace Retort.Models;

/// <summary>The end of every classifier's forward: of maps, embedding and logits only what was asked for.</summary>
static class ClassifierOutputs
{
    /// <summary>What was asked for and nothing else; the embedding and the classifier are not run without need.</summary>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="hidden">Each stage's result, in order.</param>
    /// <param name="embed">The vector that feeds the classifier. → [B, D]</param>
    /// <param name="classify">[B, D] → [B, C]</param>
    public static Outputs To(OutputSet wanted, IReadOnlyList<Tensor> hidden, Func<Tensor> embed, Func<Tensor, Tensor> classify)
    {
        var embedding = wanted.Contains(Output.Logits) || wanted.Contains(Output.Embedding) ? embed() : null;
        return new()
        {
            Logits = wanted.Contains(Output.Logits) ? classify(embedding!) : null,
            Embedding = wanted.Contains(Output.Embedding) ? embedding : null,
            HiddenStates = wanted.Contains(Output.HiddenStates) ? hidden : null,
        };
    }
}
