namespace Retort.Contracts;

/// <summary>An option that breaks a rule.</summary>
/// <param name="Option">The property's name.</param>
/// <param name="Sentence">The rule and the value, as in <c>must be greater than 0; it is -1.</c></param>
public sealed record OptionError(string Option, string Sentence);
