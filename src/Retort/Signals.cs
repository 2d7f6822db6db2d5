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
/// <param name="Teacher">Of the teacher.</param>
/// <param name="Student">Of the student.</param>
/// <param name="Average">Of the student's moving average, which the trainer keeps where it is asked for anything (<see cref="Distillation.Average"/>).</param>
public readonly record struct Needs(Signals Teacher, Signals Student, Signals Average = Signals.None)
{
    /// <summary>The same of teacher and student, as most papers want it.</summary>
    public static implicit operator Needs(Signals both) => new(both, both);
}
