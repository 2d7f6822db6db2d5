namespace Retort.Contracts;

/// <summary>What a network can be asked for. What is not asked is not computed, cached or exported.</summary>
[Flags]
public enum OutputSet
{
    None = 0,

    /// <summary>Scores before the softmax. [B, C]</summary>
    Logits = 1,

    /// <summary>The vector that feeds the classifier. [B, D]</summary>
    Embedding = 2,

    /// <summary>Each stage's result, in order. [B, C, H, W] or [B, D]</summary>
    HiddenStates = 4,
}
