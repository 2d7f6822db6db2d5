namespace Retort.Contracts;

/// <summary>What a reader should know of a run before its figures.</summary>
/// <param name="Text">What was seen, with its numbers: a sentence.</param>
/// <param name="Advice">One thing to do about it: a sentence.</param>
public sealed record Finding(string Text, string Advice)
{
    public override string ToString() => $"{Text} {Advice}";
}
