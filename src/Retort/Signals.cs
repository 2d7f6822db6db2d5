namespace Retort;

/// <summary>What a network can be asked for. What is not asked is not computed, cached or exported.</summary>
[Flags]
public enum Signals
{
    None = 0,

    /// <summary>Scores before the softmax. [B, C]</summary>
    Logits = 1,

    /// <summary>The vector that feeds the classifier. [B, D]</summary>
    Embedding = 2,

    /// <summary>Each stage's result, in order. [B, C, H, W] or [B, D]</summary>
    Hidden = 4,
}

/// <summary>Who is asked for what; whoever is asked for nothing is not run.</summary>
public readonly record struct Needs(Signals Teacher, Signals Student)
{
    /// <summary>The same of teacher and student, as most papers want it.</summary>
    public static implicit operator Needs(Signals both) => new(both, both);
}
