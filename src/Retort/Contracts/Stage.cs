namespace Retort.Contracts;

/// <summary>One network of a procedure.</summary>
/// <param name="Part">Its name, which is also the name of its folder in the student's folder.</param>
/// <param name="Teacher">The stage that was its teacher; null without one.</param>
/// <param name="Temperature">The temperature of its teacher's logits; null without one.</param>
public sealed record Stage(string Part, string? Teacher = null, double? Temperature = null);
